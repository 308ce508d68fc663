import { SchemaError } from '../contract/errors.js';
import type { SchemaChange } from '../contract/requests.js';
import { addDescription, annotate } from './annotate.js';
import { Definitions } from './definitions.js';
import { joinSentences } from './describe.js';
import type { SchemaDialect, StrictSchema } from './dialect.js';
import { emitArray } from './emit-array.js';
import { emitObject } from './emit-object.js';
import { applyConstraints, type Draft, type Emitter } from './emitter.js';
import { emitValues } from './emit-values.js';
import { flatten, type FlatSchema } from './flatten.js';
import { makeNullable, unite } from './nullable.js';
import { aliasedPart } from './resolve-reference.js';
import { identityOf, keywordOf, without, type JsonSchema, type SchemaPart, type TypeName } from './types.js';
import { unionBranches } from './union.js';

/** The property that holds an answer whose schema could not be the root. */
export const WRAPPER_KEY = 'result';

/** Rewrites a schema into one that a strict mode accepts. Throws a `SchemaError` where that is impossible. */
export function compileStrict(
  root: JsonSchema,
  dialect: SchemaDialect,
): StrictSchema & { dropped: SchemaChange[] } {
  const compiler = new StrictCompiler(root, dialect);
  const schema = compiler.compile();
  return { ...schema, dropped: [...compiler.dropped.values()] };
}

class StrictCompiler implements Emitter {
  readonly dropped = new Map<string, SchemaChange>();
  private readonly definitions = new Definitions();
  private readonly impossible = new Set<string>();
  private readonly active = new Set<string>();
  private contradiction?: string;
  private readonly origins = new WeakMap<JsonSchema, string>();

  constructor(
    readonly root: JsonSchema,
    readonly dialect: SchemaDialect,
  ) {}

  compile(): StrictSchema {
    const start: SchemaPart = { schema: this.root, path: '' };
    const target = aliasedPart(this.root, start) ?? start;
    const wrapped = !this.isPlainObject(start);
    // A root that is nothing but a reference is known by both names.
    const identities = new Set([identityOf([start]), identityOf([target])]);
    for (const identity of identities) {
      // What is inside an unwrapped root refers to it as "#".
      if (!wrapped) this.definitions.nameRoot(identity);
      this.active.add(identity);
    }
    let schema = this.write([target]);
    if (!schema) throw noValue(this.contradiction);

    if (wrapped) {
      const references = [...identities]
        .map((identity) => this.definitions.referenceTo(identity))
        .filter((name) => name !== undefined);
      for (const reference of references) this.definitions.write(reference, schema);
      schema = {
        type: 'object',
        properties: { [WRAPPER_KEY]: references[0] ? { $ref: references[0] } : schema },
        required: [WRAPPER_KEY],
        additionalProperties: false,
      };
    }
    const $defs = this.definitions.toSchema();
    if ($defs) schema = { ...schema, $defs };
    return { schema, origins: this.origins, ...(wrapped ? { wrappedUnder: WRAPPER_KEY } : {}) };
  }

  emit(parts: SchemaPart[]): JsonSchema | undefined {
    const target = parts.length === 1 ? aliasedPart(this.root, parts[0] as SchemaPart) : undefined;
    return target ? this.define([target], parts) : this.inline(parts);
  }

  drop(change: SchemaChange): void {
    this.dropped.set(`${change.path} ${change.keyword}`, change);
  }

  /** Writes a definition once and refers to it from everywhere. */
  private define(target: SchemaPart[], from: SchemaPart[]): JsonSchema | undefined {
    const identity = identityOf(target);
    if (this.impossible.has(identity)) return undefined;
    if (this.active.has(identity)) return this.referTo(identity, target, from);
    if (this.definitions.referenceTo(identity) === undefined) {
      const reference = this.referTo(identity, target, from).$ref as string;
      const schema = this.guarded(identity, target);
      if (!schema) {
        this.impossible.add(identity);
        return undefined;
      }
      this.definitions.write(reference, schema);
    }
    return { $ref: this.definitions.referenceTo(identity) };
  }

  /** Writes a schema in place. If it turns out to contain itself, it becomes a definition after all. */
  private inline(parts: SchemaPart[]): JsonSchema | undefined {
    const identity = identityOf(parts);
    const known = this.definitions.referenceTo(identity);
    if (this.active.has(identity)) return this.referTo(identity, parts, parts);
    if (known && this.definitions.isWritten(identity)) return { $ref: known };
    const schema = this.guarded(identity, parts);
    const reference = this.definitions.referenceTo(identity);
    if (!schema || !reference) return schema;
    this.definitions.write(reference, schema);
    return { $ref: reference };
  }

  private guarded(identity: string, parts: SchemaPart[]): JsonSchema | undefined {
    this.active.add(identity);
    const schema = this.write(parts);
    this.active.delete(identity);
    return schema;
  }

  private referTo(identity: string, target: SchemaPart[], from: SchemaPart[]): JsonSchema {
    if (this.active.has(identity) && !this.dialect.recursion) {
      throw new SchemaError(
        (from[0] as SchemaPart).path,
        `the schema contains itself here, which ${this.dialect.provider} does not support`,
        'Write out as many levels as you need, or return a flat list whose items name their parent.',
      );
    }
    return { $ref: this.definitions.reserve(identity, (target[0] as SchemaPart).path) };
  }

  private write(parts: SchemaPart[]): JsonSchema | undefined {
    const [part] = parts as [SchemaPart];
    // OpenAPI's `nullable` beside a `$ref` or a union is about the whole of it.
    if (parts.length === 1 && keywordOf(part, 'nullable') === true && keywordOf(part, 'type') === undefined) {
      const schema = this.emit([without(part, ['nullable'])]);
      return schema ? makeNullable(schema, this.dialect.nullableTypes) : { type: 'null' };
    }
    const flat = flatten(this.root, parts);
    if (flat.never) {
      this.contradiction ??= flat.path;
      return undefined;
    }
    const branches = this.branches(flat);
    if (branches.length === 0) return undefined;
    const schema = annotate(unite(branches, this.dialect.nullableTypes), flat, this.dialect);
    this.origins.set(schema, flat.path);
    return schema;
  }

  private branches(flat: FlatSchema): JsonSchema[] {
    if (flat.groups.length > 0) {
      return unionBranches(this.root, flat)
        .map((parts) => this.emit(parts))
        .filter((schema) => schema !== undefined);
    }
    if (flat.values) return emitValues(flat);
    if (!flat.types) throw anything(flat.path, this.dialect.provider);
    const branches: JsonSchema[] = [];
    for (const type of flat.types) {
      const draft = this.draft(type, flat);
      if (!draft) continue;
      const schema = addDescription(draft.schema, joinSentences(...draft.notes));
      this.origins.set(schema, flat.path);
      branches.push(schema);
    }
    return branches;
  }

  private draft(type: TypeName, flat: FlatSchema): Draft | undefined {
    if (type === 'object') return emitObject(this, flat);
    if (type === 'array') return emitArray(this, flat);
    const draft: Draft = { schema: { type }, notes: [] };
    if (type !== 'null') applyConstraints(this, flat, type, draft);
    return draft;
  }

  private isPlainObject(start: SchemaPart): boolean {
    if (keywordOf(start, 'nullable') === true) return false;
    const { types, values, groups } = flatten(this.root, [aliasedPart(this.root, start) ?? start]);
    return groups.length === 0 && !values && types?.size === 1 && types.has('object');
  }
}

function anything(path: string, provider: string): SchemaError {
  return new SchemaError(
    path,
    `a value of any type cannot be expressed for ${provider}`,
    'Say which type you expect, or ask for a string that holds JSON.',
  );
}

function noValue(path = ''): SchemaError {
  return new SchemaError(path, 'no value fits this schema', 'Look for an empty enum or contradicting types.');
}
