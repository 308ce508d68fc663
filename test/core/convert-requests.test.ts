import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  RequestSettingsError,
  SchemaError,
  type BatchProvider,
  type PortableRequest,
  type ProviderDeclaration,
  type RequestSettings,
} from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { convertRequests, type ConvertOptions } from '../../src/core/convert-requests.js';
import type { Conversion } from '../../src/core/request-converter.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { declare, fakeProvider } from './support/fake-provider.js';

/** Requests of the source are portable ones already, with an id of their own name. */
type Row = Partial<Omit<PortableRequest, 'customId'>> & { custom_id?: string };

const MESSAGES = [{ role: 'user', content: 'hi' }];

function readRequest(request: unknown): PortableRequest {
  const { custom_id: customId = '', rest = [], ...portable } = request as Row;
  return { customId, rest, ...portable };
}

describe('converting requests', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let made: RequestSettings[];
  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    made = [];
  });
  afterEach(() => remove());

  async function convert(
    rows: (Row | string)[],
    options: Partial<Omit<ConvertOptions, 'target'>> & {
      target?: { implemented?: Partial<BatchProvider>; declared?: Partial<ProviderDeclaration> };
    } = {},
  ): Promise<Conversion> {
    const lines = rows.map((row, index) =>
      typeof row === 'string'
        ? row
        : JSON.stringify({ custom_id: `r${index}`, model: 'old', messages: MESSAGES, ...row }),
    );
    const path = join(folder, 'in.jsonl');
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
    const { target = {}, ...rest } = options;
    return await convertRequests({
      path,
      name: 'F',
      outputPath: join(folder, 'out.jsonl'),
      provider: fakeProvider({ readRequest }),
      declaration: declare({ id: 'source', name: 'Source', requestKeys: ['custom_id', 'messages'] }),
      ...rest,
      target: {
        provider: fakeProvider({
          createRequestBuilder: (settings) => {
            made.push(settings);
            if (settings.temperature)
              throw new RequestSettingsError('new takes no temperature', 'leave it out');
            return {
              notes: [],
              build: ({ customId, messages, input }) => ({
                custom_id: customId,
                model: settings.model,
                ask: messages ?? input,
                limit: settings.maxTokens?.value,
                schema: settings.schema?.name,
              }),
            };
          },
          ...target.implemented,
        }),
        declaration: declare({ name: 'Target', ...target.declared }),
        model: 'new',
      },
    });
  }
  const written = async (): Promise<unknown[]> =>
    (await readFile(join(folder, 'out.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  it('keeps ids and order, and names the new model', async () => {
    const conversion = await convert([{ maxTokens: 5 }, '', { model: 'older', maxTokens: 5 }]);
    expect(conversion).to.deep.include({ requests: 2, models: ['new'], sourceModels: ['old', 'older'] });
    expect(await written()).to.deep.equal(
      ['r0', 'r2'].map((custom_id) => ({ custom_id, model: 'new', ask: MESSAGES, limit: 5 })),
    );
    expect(conversion.bytes).to.equal((await readFile(join(folder, 'out.jsonl'))).byteLength);
  });

  it('makes one builder for all requests with the same settings', async () => {
    await convert(Array.from({ length: 50 }, (_, index) => ({ maxTokens: index % 2, stop: ['x'] })));
    expect(made.map(({ maxTokens }) => maxTokens)).to.deep.equal([
      { value: 0, explicit: true },
      { value: 1, explicit: true },
    ]);
  });

  it('works for requests that all differ in their settings', async () => {
    const { requests } = await convert(Array.from({ length: 300 }, (_, index) => ({ maxTokens: index })));
    expect(requests).to.equal(300);
    expect(made).to.have.length(300);
  });

  it('counts what has no counterpart, each part once for a request', async () => {
    const { leftOut } = await convert([
      { rest: ['seed', 'messages: tool_calls'] },
      { rest: ['seed', 'seed'], temperature: 0.5, topP: 0.9 },
      {},
    ]);
    expect(leftOut).to.deep.equal([
      ['seed', 2],
      ['messages: tool_calls', 1],
      ['temperature', 1],
    ]);
    // What the model takes stays.
    const kept = made.filter(({ temperature }) => !temperature).map(({ topP }) => topP);
    expect(kept).to.deep.equal([undefined, 0.9]);
  });

  it('compiles a schema for the new provider, and tells what it does not enforce', async () => {
    const schema = { name: 'label', description: 'of an email', schema: { type: 'object' } };
    const { notes } = await convert([{ schema }, { schema }], {
      target: {
        implemented: {
          compileSchema: (compiled, { name, model }) => ({
            schema: compiled,
            name: `${name}-for-${model}`,
            mode: 'format',
            dropped: [{ path: '/a', keyword: 'minimum', message: 'minimum is not enforced' }],
            decode: (value) => value,
          }),
        },
      },
    });
    expect(made.map((settings) => settings.schema?.description)).to.deep.equal(['of an email']);
    expect(await written()).to.have.nested.property('[1].schema', 'label-for-new');
    expect(notes).to.deep.equal([['Schema /a: minimum is not enforced', 2]]);
  });

  it('says what limit was set where there was none', async () => {
    const { notes } = await convert([{}, { maxTokens: 7 }], {
      target: { implemented: { readRequest: () => ({ customId: 'x', rest: [], maxTokens: 1000 }) } },
    });
    expect(notes).to.deep.equal([['Target wants a limit on each answer, which is set to 1000 tokens', 1]]);
  });

  it('keeps the endpoint where the new provider has it, and takes its first for messages else', async () => {
    await convert([{ endpoint: '/b' }, { endpoint: '/c', maxTokens: 1 }], {
      target: { declared: { endpoints: ['/a', '/b'] } },
    });
    expect(made.map(({ endpoint }) => endpoint)).to.deep.equal(['/b', '/a']);
  });

  describe('writes nothing', () => {
    async function refused(...given: Parameters<typeof convert>): Promise<string[]> {
      const failure = await failureOf(() => convert(...given));
      expect(failure.message).to.match(/^F has .*; nothing was written$/);
      expect(await readdir(folder)).to.deep.equal(['in.jsonl']);
      return failure.details ?? [];
    }

    it('if a line is no JSON or no request', async () => {
      const details = await refused([{}, '{oops', '{"messages":[]}', {}]);
      expect(details).to.have.length(2);
      expect(details[0]).to.match(/^F:2: not valid JSON/);
      expect(details[1]).to.equal('F:3: custom_id is missing');
    });

    it('if ids do not fit the new provider, or come twice', async () => {
      const target = { declared: { limits: { customId: '^[a-z]+$' } } };
      expect(await refused([{ custom_id: 'fine' }, { custom_id: 'a b' }, { custom_id: 'fine' }], { target }))
        .to.deep.equal([
          'F:2 (a b): Target accepts custom ids that match ^[a-z]+$',
          'F:3 (fine): the custom id was used in line 1 already',
        ]); // prettier-ignore
    });

    it('if there is no counterpart of an endpoint', async () => {
      expect(await refused([{ messages: undefined, input: 'x', endpoint: '/embed' }])).to.deep.equal([
        'F:1 (r0): /embed has no counterpart at Target',
      ]);
    });

    it('if a schema cannot be had there', async () => {
      const compileSchema = (): never => {
        throw new SchemaError('/a', 'it is recursive', 'flatten it');
      };
      const schema = { name: 'label', schema: {} };
      const details = await refused([{ schema }], { target: { implemented: { compileSchema } } });
      expect(details[0]).to.match(
        /^F:1 \(r0\): The response model label .* at \/a: it is recursive; flatten it/,
      );
    });

    it('if what comes of it is wrong', async () => {
      const checkRequest: BatchProvider['checkRequest'] = () => ({
        customId: 'r0',
        problems: [{ code: 'range', message: 'too hot' }],
      });
      expect(await refused([{}], { target: { implemented: { checkRequest } } })).to.deep.equal([
        'F:1 (r0): too hot',
      ]);
    });

    it('of an empty file, or of one of another provider', async () => {
      expect(await refused([])).to.deep.equal(['F: there is no request in it']);
      const other = declare({ id: 'other', name: 'Other', requestKeys: ['id'] });
      const details = await refused(['{"id":1}', '{"id":2}'], { others: [other] });
      expect(details).to.have.length(1);
      expect(details[0]).to.match(/^F:1: This looks like an Other request file/);
    });
  });

  it('tells of problems as they are found, and of each once', async () => {
    const told: (number | undefined)[] = [];
    const failure = await failureOf(() =>
      convert(
        Array.from({ length: 30 }, () => '{oops'),
        { onProblem: ({ line }) => told.push(line) },
      ),
    );
    expect(told).to.have.length(30);
    expect(failure.details).to.deep.equal([]);
    expect(failure.problems).to.have.length(20);
  });

  it('is nothing that every provider has', async () => {
    const failure = await failureOf(() => convert([{}], { provider: fakeProvider() }));
    expect(failure.kind).to.equal('unsupported');
    expect(failure.message).to.equal('Requests of Source cannot be converted');
  });
});
