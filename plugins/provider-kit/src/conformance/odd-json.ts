import { isRecord } from './ensure.js';

/** What JSON can hold where something else is expected. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1.5,
  '',
  'text',
  '\u0000',
  [],
  [null],
  [[]],
  {},
  { type: null },
  JSON.parse('{"__proto__": 1, "constructor": 2}'),
];

export type Path = readonly (string | number)[];

/** A copy in which one place holds something odd, or nothing. */
export interface Mutation {
  path: Path;
  value: unknown;
}

/** Every place of a document once with every odd value, and once without. */
export function* mutationsOf(document: unknown): Generator<Mutation> {
  for (const path of placesIn(document)) {
    for (const odd of ODD_VALUES) yield { path, value: changed(document, path, odd) };
    if (path.length > 0) yield { path, value: changed(document, path, undefined) };
  }
}

/** Where a value stands first, in reading order. */
export function placeOf(document: unknown, value: unknown): Path | undefined {
  for (const path of placesIn(document)) if (Object.is(at(document, path), value)) return path;
  return undefined;
}

/** Whether changing one place changes the other one too. */
export function covers(outer: Path, inner: Path): boolean {
  return outer.length <= inner.length && outer.every((step, index) => step === inner[index]);
}

/** Long lists, such as vectors, are looked into at their start. */
const LOOKED_INTO = 3;

function* placesIn(document: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (Array.isArray(document)) {
    for (const [index, item] of document.slice(0, LOOKED_INTO).entries())
      yield* placesIn(item, [...path, index]);
  } else if (isRecord(document)) {
    for (const [key, item] of Object.entries(document)) yield* placesIn(item, [...path, key]);
  }
}

function at(document: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], document);
}

function changed(document: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const copy = (
    Array.isArray(document) ? [...(document as unknown[])] : { ...(document as object) }
  ) as Record<string | number, unknown>;
  if (rest.length === 0 && value === undefined) delete copy[step];
  else copy[step] = changed(copy[step], rest, value);
  return copy;
}
