/** A JSON Schema document or a part of one. `true` and `false` are schemas too. */
export type JsonSchema = { [keyword: string]: unknown };

/** One schema, and where it stands in the user's document. */
export interface SchemaPart {
  schema: JsonSchema | boolean;
  /** A JSON pointer; empty for the root. */
  path: string;
  /** Keywords to act as if they were not there, because they are dealt with elsewhere. */
  omit?: ReadonlySet<string>;
}

export const TYPE_NAMES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'] as const;
export type TypeName = (typeof TYPE_NAMES)[number];

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a part says under a keyword, or undefined. */
export function keywordOf(part: SchemaPart, keyword: string): unknown {
  if (!isRecord(part.schema) || part.omit?.has(keyword) || !Object.hasOwn(part.schema, keyword))
    return undefined;
  return part.schema[keyword];
}

/** The same part without some keywords. */
export function without(part: SchemaPart, keywords: Iterable<string>): SchemaPart {
  return { ...part, omit: new Set([...(part.omit ?? []), ...keywords]) };
}

/** Equal for parts that mean the same: the places and what is left out of them. */
export function identityOf(parts: SchemaPart[]): string {
  return parts.map((part) => [part.path, ...[...(part.omit ?? [])].sort()].join('\u0000')).join('\u0001');
}

/** Whether two values are the same JSON. Key order counts, which is good enough for schemas. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  return JSON.stringify(left) === JSON.stringify(right);
}
