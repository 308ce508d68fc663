import { SchemaError } from '../contract/errors.js';
import { appendPointer, pointerSegments, readPointer } from './pointer.js';
import { isRecord, keywordOf, type JsonSchema, type SchemaPart } from './types.js';

/** Keywords that may stand beside `$ref` without saying anything about the value. */
const SILENT = new Set(['$ref', '$defs', 'definitions', '$schema', '$id', '$comment']);

/** Follows a local `$ref` such as `#`, `#/$defs/Address` or `#/properties/address`. */
export function resolveReference(root: JsonSchema, reference: unknown, path: string): SchemaPart {
  const place = appendPointer(path, '$ref');
  if (typeof reference !== 'string') throw new SchemaError(place, '"$ref" has to be a string');

  const base = typeof root.$id === 'string' ? root.$id.replace(/#$/, '') : undefined;
  const local = base && reference.startsWith(`${base}#`) ? reference.slice(base.length) : reference;
  if (!local.startsWith('#')) {
    throw new SchemaError(
      place,
      `"${reference}" points outside the schema`,
      'Copy the schema it points to into "$defs" and refer to it as "#/$defs/NAME".',
    );
  }
  if (local !== '#' && !local.startsWith('#/')) {
    throw new SchemaError(place, `"${reference}" names an anchor`, 'Refer to it as "#/$defs/NAME" instead.');
  }

  const pointer = appendPointer('', ...pointerSegments(decodeFragment(local.slice(1))));
  const schema = readPointer(root, pointer);
  if (!isRecord(schema) && typeof schema !== 'boolean') {
    throw new SchemaError(place, `"${reference}" points to nothing`, 'Check its spelling against "$defs".');
  }
  return { schema, path: pointer };
}

/** Where the schema points to, if it is nothing but a `$ref`; chains of such are followed to their end. */
export function aliasedPart(root: JsonSchema, part: SchemaPart): SchemaPart | undefined {
  let target: SchemaPart | undefined;
  const seen = new Set<string>();
  for (let current = part; isPureReference(current); current = target) {
    if (seen.has(current.path)) throw endlessReference(part.path);
    seen.add(current.path);
    target = resolveReference(root, keywordOf(current, '$ref'), current.path);
  }
  return target;
}

export function endlessReference(path: string): SchemaError {
  return new SchemaError(
    path,
    'the reference leads back to itself without describing anything',
    'Let one of the schemas on the way say what the value is.',
  );
}

function isPureReference(part: SchemaPart): boolean {
  if (!isRecord(part.schema) || keywordOf(part, '$ref') === undefined) return false;
  return Object.keys(part.schema).every((keyword) => SILENT.has(keyword) || part.omit?.has(keyword));
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
