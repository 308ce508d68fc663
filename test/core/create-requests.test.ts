import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RequestSettingsError, SchemaError, type RequestSettings } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import {
  createRequests,
  type CreatedRequests,
  type CreateRequestsOptions,
} from '../../src/core/create-requests.js';
import { rowsFromValues } from '../../src/core/message-rows.js';
import { openOutput } from '../../src/rows/output-file.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { arriving } from '../support/streams.js';
import { declare, fakeProvider } from './support/fake-provider.js';

const hello = [{ role: 'user', content: 'Hallo, Welt' }];

describe('creating requests', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  async function create(
    values: unknown[],
    options: Partial<CreateRequestsOptions> = {},
  ): Promise<CreatedRequests & { text: string; written: Record<string, unknown>[] }> {
    const path = join(folder, 'out.jsonl');
    const output = await openOutput(path, { force: true });
    const created = await createRequests({
      provider: fakeProvider(),
      declaration: declare(),
      model: 'm',
      rows: rowsFromValues(values),
      output,
      ...options,
    }).finally(() => (options.output ? output.discard() : output.commit()));
    const text = await readFile(path, 'utf8');
    const lines = text.split('\n').slice(0, -1);
    return { ...created, text, written: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  }

  async function problemsOf(...given: Parameters<typeof create>): Promise<string[]> {
    const { problems } = await create(...given);
    return problems.shown.map(({ line, message }) => `${line}: ${message}`);
  }

  it('makes a line of each row, and counts the lines and the bytes', async () => {
    const { written, text, problems, ...facts } = await create([hello, { messages: hello }]);
    expect(problems.total).to.equal(0);
    expect(written).to.deep.equal([
      { custom_id: 'request-0', ask: hello, model: 'm' },
      { custom_id: 'request-1', ask: hello, model: 'm' },
    ]);
    expect(facts).to.deep.include({ requests: 2, models: ['m'], bytes: Buffer.byteLength(text) });
  });

  it('writes more than one batch takes, and says so', async () => {
    const declaration = declare({ limits: { requests: 2, bytes: 10 } });
    const { written, problems, notes } = await create([hello, hello, hello], { declaration });
    expect(problems.total).to.equal(0);
    expect(written).to.have.length(3);
    expect(notes[0]).to.equal(
      '3 requests are more than the 2 that Fake takes in one batch: split the file before it is submitted',
    );
    expect(notes[1]).to.match(/^\d+ bytes are more than the 10 that Fake takes/);
  });

  it('takes ids from the rows, numbers too', async () => {
    const { written } = await create([
      { messages: hello, custom_id: 'mine' },
      { messages: hello, custom_id: 17 },
      { messages: hello },
    ]);
    expect(written.map(({ custom_id }) => custom_id)).to.deep.equal(['mine', '17', 'request-2']);
  });

  it('have to have the key that the user named for ids', async () => {
    const created = await create([hello, { messages: hello, tikcet: 'T-1' }], { idKey: 'ticket' });
    expect(created.problems.shown.map(({ message }) => message)).to.deep.equal([
      'a list of messages has no "ticket"',
      '"ticket" is missing',
    ]);
  });

  it('takes ids from another key, which is not sent as a parameter', async () => {
    const { written } = await create([{ messages: hello, ticket: 'T-1' }], { idKey: 'ticket' });
    expect(written).to.deep.equal([{ custom_id: 'T-1', ask: hello, model: 'm' }]);
  });

  it('takes ids that a program hands over, for lists and for objects', async () => {
    const rows = rowsFromValues([hello, { messages: hello, seed: 1 }, hello], ['x', 'y']);
    const { written } = await create([], { rows });
    expect(written.map(({ custom_id }) => custom_id)).to.deep.equal(['x', 'y', 'request-2']);
  });

  it('lets the parameters of a row win over those of all', async () => {
    const { written } = await create([{ messages: hello, seed: 2 }, hello], { params: { seed: 1, top: 5 } });
    expect(written).to.deep.equal([
      { custom_id: 'request-0', ask: hello, model: 'm', seed: 2, top: 5 },
      { custom_id: 'request-1', ask: hello, model: 'm', seed: 1, top: 5 },
    ]);
  });

  it('takes "input" in place of messages', async () => {
    const { written } = await create([{ input: 'embed me' }]);
    expect(written[0]).to.include({ ask: 'embed me' });
  });

  for (const [row, problem] of [
    ['text', 'a row must be a list of messages or an object with "messages"'],
    [null, 'a row must be a list of messages or an object with "messages"'],
    [{}, '"messages" is missing'],
    [{ messages: 'hello' }, '"messages" must be a list'],
    [[], 'the list of messages is empty'],
    [[{ content: 'x' }], 'message 1 has no "role"'],
    [[...hello, null], 'message 2 has no "role"'],
    [[...hello, { role: 'user' }], 'message 2 has no "content"'],
    [{ messages: hello, custom_id: null }, '"custom_id" must be a text or a number'],
    [
      { messages: hello, custom_id: 2 ** 60 },
      '"custom_id" is a number too large to be kept exactly: write it in quotes',
    ],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(row)}`, async () => {
      expect(await problemsOf([hello, row])).to.deep.equal([`2: ${problem}`]);
    });
  }

  it('takes a message that calls a tool and says nothing', async () => {
    expect(await problemsOf([[{ role: 'assistant', tool_calls: [] }]])).to.deep.equal([]);
  });

  it('says which rows are no JSON, with the lines of the file', async () => {
    const rows = arriving([
      { line: 3, value: hello },
      { line: 7, unreadable: 'bad' },
    ]);
    expect(await problemsOf([], { rows })).to.deep.equal(['7: not valid JSON: bad']);
  });

  it('says that two rows have one id', async () => {
    expect(await problemsOf([{ messages: hello, custom_id: 'request-1' }, hello])).to.deep.equal([
      '2: the custom id was used in line 1 already',
    ]);
  });

  it('says that there are no rows', async () => {
    const { problems } = await create([]);
    expect(problems.shown.map(({ code }) => code)).to.deep.equal(['empty_file']);
  });

  it('uses the endpoint asked for, else the first of the provider', async () => {
    const seen: RequestSettings[] = [];
    const provider = fakeProvider({
      createRequestBuilder: (settings) => {
        seen.push(settings);
        return { notes: [], build: ({ customId }) => ({ custom_id: customId }) };
      },
    });
    await create([hello], { provider });
    await create([hello], { provider, endpoint: '/other' });
    expect(seen.map(({ endpoint }) => endpoint)).to.deep.equal(['/ask', '/other']);
  });

  it('passes on what the provider notes, then what its schema does not enforce', async () => {
    const provider = fakeProvider({
      createRequestBuilder: () => ({ notes: ['a note'], build: ({ customId }) => ({ custom_id: customId }) }),
      compileSchema: (schema, { name }) => ({
        schema,
        name,
        mode: 'format',
        decode: (value) => value,
        dropped: [
          { path: '/properties/age', keyword: 'minimum', message: 'moved' },
          { path: '', keyword: 'title', message: 'gone' },
        ],
      }),
    });
    const responseModel = { name: 'Person', jsonSchema: {} };
    const { notes } = await create([hello], { provider, responseModel });
    expect(notes).to.deep.equal(['a note', 'Schema /properties/age: moved', 'Schema /: gone']);
  });

  for (const [path, place] of [
    ['', 'at its root'],
    ['/properties/age', 'at /properties/age'],
  ] as const) {
    it(`names the place in a schema that cannot be used: ${place}`, async () => {
      const provider = fakeProvider({
        compileSchema: () => {
          throw new SchemaError(path, 'it is recursive', 'Unroll it');
        },
      });
      const responseModel = { name: 'Person', jsonSchema: {} };
      const failure = await failureOf(() => create([hello], { provider, responseModel }));
      expect(failure.kind).to.equal('usage');
      expect(failure.message).to.equal(`The response model Person cannot be used, ${place}: it is recursive`);
      expect(failure.hint).to.equal('Unroll it');
    });
  }

  it('says which setting the model rejects', async () => {
    const provider = fakeProvider({
      createRequestBuilder: () => {
        throw new RequestSettingsError('m takes no temperature', 'Leave it out');
      },
    });
    const failure = await failureOf(() => create([hello], { provider }));
    expect(failure).to.include({ kind: 'usage', message: 'm takes no temperature', hint: 'Leave it out' });
    expect(await readdir(folder)).to.deep.equal(['out.jsonl']);
  });
});
