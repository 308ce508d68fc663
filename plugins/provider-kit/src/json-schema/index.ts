/** A JSON Schema document or a part of one. `true` and `false` are schemas too. */
export type JsonSchema = { [keyword: string]: unknown };
