import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { isSchemaError, type CompiledSchema } from '@instructor-cli/provider-kit';
import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { compileSchema as forAnthropic } from '../../plugins/anthropic/src/schema/compile-schema.js';
import { compileSchema as forOpenai } from '../../plugins/openai/src/schema/compile-schema.js';
import { toResponseModel } from '../../src/schema/response-model.js';
import { corpus, type CorpusEntry } from './support/corpus.js';
import { anthropicObjections, openaiObjections } from './support/rules.js';
import { CHOICES, sampleOf } from './support/sample.js';

interface Provider {
  id: 'openai' | 'anthropic';
  compile(schema: JsonSchema, name: string): CompiledSchema;
  objections(schema: JsonSchema): string[];
}

const providers: Provider[] = [
  {
    id: 'openai',
    compile: (schema, name) => forOpenai(schema, { model: 'gpt-4o-mini', name }),
    objections: openaiObjections,
  },
  {
    id: 'anthropic',
    compile: (schema, name) => forAnthropic(schema, { model: 'claude-haiku-4-5', name }, { mode: 'format' }),
    objections: anthropicObjections,
  },
];

for (const provider of providers) {
  describe(`schemas for ${provider.id}`, () => {
    for (const entry of corpus) {
      const failure = entry[provider.id];
      if (failure) it(`refuses: ${entry.name}`, () => refuses(provider, entry, failure));
      else it(`accepts: ${entry.name}`, () => accepts(provider, entry));
    }
  });
}

describe('schemas as the input of a tool', () => {
  for (const entry of corpus
    .filter((candidate) => candidate.name !== 'too many properties')
    .filter(
      (candidate) =>
        !candidate.anthropic || /contains itself|record|any type/.test(String(candidate.anthropic.says)),
    )) {
    it(`accepts: ${entry.name}`, async () => {
      const model = await toResponseModel(entry.schema, entry.name);

      const compiled = forAnthropic(
        model.jsonSchema,
        { model: 'claude-3-haiku', name: 'x' },
        { mode: 'tool' },
      );

      expect(compiled.schema.type).to.equal('object');
      expect(() =>
        formats.default(new Ajv2020({ strict: false, logger: false })).compile(compiled.schema),
      ).not.to.throw();
    });
  }
});

async function refuses(
  provider: Provider,
  entry: CorpusEntry,
  failure: { path: string; says?: RegExp },
): Promise<void> {
  // An unusable reference is refused before there is a model; the compiler has to say so on its own as well.
  const jsonSchema = await toResponseModel(entry.schema, entry.name).then(
    (model) => model.jsonSchema,
    () => entry.schema as JsonSchema,
  );
  let thrown: unknown;
  try {
    provider.compile(jsonSchema, entry.name);
  } catch (error) {
    thrown = error;
  }
  if (!isSchemaError(thrown)) throw thrown ?? new Error('it was accepted');
  expect(thrown.path).to.equal(failure.path);
  expect(thrown.fix).to.be.a('string');
  if (failure.says) expect(thrown.message).to.match(failure.says);
}

async function accepts(provider: Provider, entry: CorpusEntry): Promise<void> {
  const model = await toResponseModel(entry.schema, entry.name);
  const before = JSON.stringify(model.jsonSchema);

  const compiled = provider.compile(model.jsonSchema, entry.name);

  expect(provider.objections(compiled.schema), JSON.stringify(compiled.schema)).to.deep.equal([]);
  expect(JSON.stringify(model.jsonSchema), 'the schema that was given').to.equal(before);
  expect(compiled.name).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
  const fits = formats
    .default(new Ajv2020({ strict: false, allErrors: true, ownProperties: true }))
    .compile(compiled.schema);
  for (const choice of CHOICES) {
    const answer = sampleOf(compiled.schema, choice);
    expect(fits(answer), `sample ${JSON.stringify(answer)} ${JSON.stringify(fits.errors)}`).to.equal(true);
    const decoded = compiled.decode(JSON.parse(JSON.stringify(answer)));
    const result = await model.validate(decoded);
    expect(
      result.ok,
      `${JSON.stringify(answer)} → ${JSON.stringify(decoded)} ${JSON.stringify(result)}`,
    ).to.equal(true);
  }
}
