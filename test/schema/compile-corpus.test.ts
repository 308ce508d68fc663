import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { isSchemaError, type CompiledSchema } from '@instructor-cli/provider-kit';
import type { JsonSchema } from '@instructor-cli/provider-kit/json-schema';
import { compileSchema as forAnthropic } from '../../plugins/anthropic/src/schema/compile-schema.js';
import { compileSchema as forOpenai } from '../../plugins/openai/src/schema/compile-schema.js';
import { parseAnswer } from '../../src/schema/parse-answer.js';
import { toResponseModel } from '../../src/schema/response-model.js';
import { answered } from './support/answered-corpus.js';
import { corpus as generated, type CorpusEntry } from './support/corpus.js';
import { brokenRules, type RuleSet } from './support/provider-rules.js';
import { anthropicObjections, openaiObjections } from './support/rules.js';
import { CHOICES, sampleOf } from './support/sample.js';

const corpus = [...generated, ...answered];

interface Provider {
  /** The documented rules that compiled schemas have to keep to, by ajv. */
  rules: RuleSet;
  id: 'openai' | 'anthropic';
  compile(schema: JsonSchema, name: string): CompiledSchema;
  objections(schema: JsonSchema): string[];
}

const providers: Provider[] = [
  {
    id: 'openai',
    rules: 'openai',
    compile: (schema, name) => forOpenai(schema, { model: 'gpt-4o-mini', name }),
    objections: openaiObjections,
  },
  {
    id: 'openai',
    rules: 'openai, fine-tuned',
    compile: (schema, name) => forOpenai(schema, { model: 'ft:gpt-4o-mini:acme', name }),
    objections: openaiObjections,
  },
  {
    id: 'anthropic',
    rules: 'anthropic',
    compile: (schema, name) => forAnthropic(schema, { model: 'claude-haiku-4-5', name }, { mode: 'format' }),
    objections: anthropicObjections,
  },
];

for (const provider of providers) {
  describe(`schemas for ${provider.rules}`, () => {
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

  expect(brokenRules(provider.rules, compiled.schema), JSON.stringify(compiled.schema)).to.deep.equal([]);
  expect(provider.objections(compiled.schema), JSON.stringify(compiled.schema)).to.deep.equal([]);
  expect(JSON.stringify(model.jsonSchema), 'the schema that was given').to.equal(before);
  expect(compiled.name).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
  const fits = formats
    .default(new Ajv2020({ strict: false, allErrors: true, ownProperties: true }))
    .compile(compiled.schema);
  for (const answer of answersOf(entry, compiled)) {
    expect(fits(answer), `sample ${JSON.stringify(answer)} ${JSON.stringify(fits.errors)}`).to.equal(true);
    const parsed = await parseAnswer({ kind: 'text', text: JSON.stringify(answer) }, compiled, model);
    expect(parsed.outcome, `${JSON.stringify(answer)} → ${JSON.stringify(parsed)}`).to.equal('succeeded');
    if ('result' in entry) expect(parsed).to.deep.include({ result: entry.result });
  }
  if (!('wrong' in entry)) return;
  expect(fits(entry.wrong), 'the provider lets it pass').to.equal(true);
  const text = JSON.stringify(entry.wrong);
  const parsed = await parseAnswer({ kind: 'text', text }, compiled, model);
  expect(parsed).to.have.nested.property('error.type', 'schema_mismatch');
  expect(parsed).to.have.property('raw', text);
}

/** What a model may say that is held to the compiled schema. */
function answersOf(entry: CorpusEntry, { schema }: CompiledSchema): unknown[] {
  return 'answer' in entry ? [entry.answer] : CHOICES.map((choice) => sampleOf(schema, choice));
}
