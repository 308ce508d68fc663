// @ts-check
import { compileStrict, createDecoder, schemaName } from '@instructor-cli/provider-kit/json-schema';

/** What Acme's models keep of a schema. The rest moves into descriptions, and the host checks it on the answers. */
const DIALECT = {
  provider: 'Acme',
  recursion: true,
  nullableTypes: true,
  optional: () => /** @type {const} */ ('nullable'),
  /** @param {string} keyword */
  keeps: (keyword) => ['minimum', 'maximum', 'minItems', 'maxItems'].includes(keyword),
};

/** @type {import('@instructor-cli/provider-kit').BatchProvider['compileSchema']} */
export function compileSchema(schema, context) {
  const compiled = compileStrict(schema, DIALECT);
  return {
    schema: compiled.schema,
    name: schemaName(context.name),
    mode: 'format',
    dropped: compiled.dropped,
    decode: createDecoder(schema, compiled),
  };
}
