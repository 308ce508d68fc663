import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { RowFate } from '@instructor-cli/sandbox';
import {
  cancelOpenAI,
  deleteOpenAIFile,
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  seedOpenAI,
  until,
} from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { openaiBatchObject, sendJson, startFaultyServer } from '../support/faulty-server.js';
import { errorSchema, parseAs, resultRowSchema, resultsSchema } from '../support/json-schemas.js';
import { runInstructor } from '../support/run-instructor.js';
import {
  anthropicRequests,
  ask,
  envFor,
  jsonLines,
  NEVER,
  openaiRequests,
  startWorld,
  type World,
} from '../support/world.js';

const FATES: (RowFate | undefined)[] = [
  undefined,
  'errored',
  'server_error',
  'refused',
  'truncated',
  'invalid',
  'missing',
  'expired',
  'cancelled',
  undefined,
];
const OUTCOMES = [
  'succeeded',
  'errored',
  'errored',
  'refused',
  'truncated',
  'invalid',
  'missing',
  'expired',
  'cancelled',
  'succeeded',
];
const MODEL_TS = `import { z } from 'zod';
export const Label = z.object({ label: z.enum(['SPAM', 'HAM']), why: z.string().optional() });
`;

describe('batch results', () => {
  let world: World;
  let openai: string;
  let anthropic: string;

  before(async () => {
    world = await startWorld({ outcome: ({ index }) => FATES[index] });
    await world.write('model.ts', MODEL_TS);
    await world.write(
      'messages.jsonl',
      jsonLines(FATES.map((_, index) => ({ messages: ask(`q ${index}`), custom_id: `row-${index}` }))),
    );
    const make = async (file: string, model: string): Promise<string> => {
      const { stdout, stderr, code } = await world.run([
        'batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', file, '--model', model,
        '--response-model', 'model.ts#Label', '--submit',
      ]); // prettier-ignore
      expect(code, stderr).to.equal(0);
      return stdout.trim();
    };
    [openai, anthropic] = await Promise.all([
      make('openai.jsonl', 'openai/gpt-4o-mini'),
      make('anthropic.jsonl', 'anthropic/claude-haiku-4-5'),
    ]);
    await world.run(['batch', 'wait', openai, anthropic, '--poll', '0.05']);
  });
  after(() => world.close());

  const results = async (id: string, file: string, ...flags: string[]) =>
    await world.run(['batch', 'results', '--batch-id', id, '--output-file', file, ...flags]);

  for (const provider of ['openai', 'anthropic'] as const) {
    it(`gives one line per request, whatever became of it, in the order of the requests (${provider})`, async () => {
      const id = provider === 'openai' ? openai : anthropic;
      const file = `all-${provider}.jsonl`;
      const flags =
        provider === 'openai'
          ? []
          : ['--requests-file', 'anthropic.jsonl', '--model', 'anthropic/claude-haiku-4-5'];
      const result = await results(id, file, '--response-model', 'model.ts#Label', ...flags);

      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.equal(`${file}\n`);
      const rows = (await world.rows(file)).map((row) => parseAs(resultRowSchema, JSON.stringify(row)));
      expect(rows.map((row) => row.custom_id)).to.deep.equal(FATES.map((_, index) => `row-${index}`));
      expect(rows.map((row) => row.outcome)).to.deep.equal(OUTCOMES);
      for (const row of rows) {
        expect(row.success).to.equal(row.outcome === 'succeeded');
        if (row.success) {
          expect((row.result as { label: string }).label).to.be.oneOf(['SPAM', 'HAM']);
          expect(row.result, 'optional values come back as absent').to.not.have.property('why', null);
          expect(row.usage?.input_tokens).to.be.greaterThan(0);
        } else expect(row.error.message).to.not.equal('');
      }
      const invalid = rows.find((row) => row.outcome === 'invalid');
      expect(invalid).to.have.property('answer').that.is.not.equal(undefined);
      expect(result.stderr).to.match(
        /10 rows: 2 succeeded, 1 invalid, 1 refused, 1 truncated, 2 errored, 1 cancelled, 1 expired, 1 missing/,
      );
      expect(result.stderr).to.match(/1 × refused .*\[row-3\]/);
      expect(result.stderr).to.match(/Tokens: \d+ in, \d+ out/);
    });
  }

  it('tells with --strict by exit code 6 that rows have no good answer', async () => {
    const clean = await startWorld();
    try {
      const good = await endedOpenAI(clean, openaiRequests(2));
      const [strict, lax, flawless] = await Promise.all([
        results(openai, 'strict.jsonl', '--strict'),
        results(openai, 'lax.jsonl'),
        clean.run(['batch:results', good, '--output-file', 'good.jsonl', '--strict']),
      ]);
      expect([strict.code, lax.code, flawless.code]).to.deep.equal([6, 0, 0]);
      expect(await world.rows('strict.jsonl')).to.have.length(10);
    } finally {
      await clean.close();
    }
  });

  it('writes JSON and CSV, chosen by --format or by the ending', async () => {
    const [json, csv, forced] = await Promise.all([
      results(openai, 'rows.json', '--response-model', 'model.ts#Label'),
      results(openai, 'rows.csv', '--response-model', 'model.ts#Label'),
      results(openai, 'rows.txt', '--format', 'csv'),
    ]);
    for (const { code, stderr } of [json, csv, forced]) expect(code, stderr).to.equal(0);
    const list = JSON.parse(await world.read('rows.json')) as unknown[];
    expect(list).to.have.length(10);
    for (const row of list) parseAs(resultRowSchema, JSON.stringify(row));
    const lines = (await world.read('rows.csv')).trimEnd().split('\n');
    expect(lines).to.have.length(11);
    expect(lines[0]).to.match(/^custom_id,outcome,success,result\.label,result\.why,error_type,/);
    expect(lines[1]).to.match(/^row-0,succeeded,true,(SPAM|HAM),/);
    expect(lines[7]).to.match(/^row-6,missing,false,,,/);
    expect((await world.read('rows.txt')).split('\n')[0]).to.match(
      /^custom_id,outcome,success,result\.label,/,
    );
  });

  it('documents the summary with --json', async () => {
    const [first, second, refused] = await Promise.all([
      results(openai, 'json-1.jsonl', '--json', '--response-model', 'model.ts#Label'),
      results(anthropic, 'json-2.jsonl', '--json'),
      results(openai, '-', '--json'),
    ]);
    const { summary, ...facts } = parseAs(resultsSchema, first.stdout);
    expect(facts).to.deep.equal({
      id: openai,
      ids: [openai],
      provider: 'openai',
      status: 'completed',
      file: 'json-1.jsonl',
    });
    expect(summary.rows).to.equal(10);
    expect(summary.outcomes).to.include({ succeeded: 2, invalid: 1, missing: 1 });
    const other = parseAs(resultsSchema, second.stdout);
    // Without the requests nobody knows which row is missing, but that one is.
    expect(other.summary).to.include({ rows: 9, unaccounted: 1 });
    expect(refused.code).to.equal(2);
    parseAs(errorSchema, refused.stdout);
  });

  it('writes to standard output, with everything else on stderr', async () => {
    const result = await results(openai, '-');
    expect(result.code, result.stderr).to.equal(0);
    const rows = result.stdout.trimEnd().split('\n');
    expect(rows).to.have.length(10);
    for (const row of rows) parseAs(resultRowSchema, row);
    expect(result.stderr).to.match(/10 rows/);
  });

  it('shows missing rows by --requests-file, and as lost without it when the input file is gone', async () => {
    const id = await endedOpenAI(world, openaiRequests(10));
    await deleteOpenAIFile(world, String((await openaiBatch(world, id))['input_file_id']));
    await world.write('ten.jsonl', openaiRequests(10));
    await world.write('few.jsonl', openaiRequests(3));
    const [blind, told, other, absent] = await Promise.all([
      results(id, 'blind.jsonl'),
      results(id, 'told.jsonl', '--requests-file', 'ten.jsonl'),
      results(id, 'other.jsonl', '--requests-file', 'few.jsonl'),
      results(id, 'never.jsonl', '--requests-file', 'absent.jsonl'),
    ]);
    expect(blind.code, blind.stderr).to.equal(0);
    expect(await world.rows('blind.jsonl')).to.have.length(9);
    expect(blind.stderr).to.match(/input file .*gone.*--requests-file/);
    expect(blind.stderr).to.match(/Warning: 1 request of the batch has no result/);
    expect(told.code, told.stderr).to.equal(0);
    expect((await world.rows('told.jsonl')).map((row) => row['custom_id'])).to.deep.equal(
      FATES.map((_, index) => `row-${index}`),
    );
    expect(other.stderr).to.match(/Warning: 6 answers belong to no request/);
    expect(await world.rows('other.jsonl')).to.have.length(9);
    expectFailure(absent, { code: 2, says: /absent\.jsonl/ });
    expect(await world.files()).to.not.include('never.jsonl');
  });

  it('gives the partial results of expired and cancelled batches, every row accounted for', async () => {
    const late = await startWorld({ endAs: 'expired' });
    const slow = await startWorld({ timing: { ...NEVER, inProgressMs: 2000 } });
    try {
      await late.write('requests.jsonl', anthropicRequests(6));
      const [expired, message] = await Promise.all([
        endedOpenAI(late, openaiRequests(6)),
        endedAnthropic(late, anthropicRequests(6)),
      ]);
      const [cancelled = ''] = await seedOpenAI(slow, openaiRequests(40));
      await until(async () => {
        const { request_counts: counts } = (await openaiBatch(slow, cancelled)) as {
          request_counts: { completed: number };
        };
        return counts.completed > 3;
      });
      await cancelOpenAI(slow, cancelled);
      const [first, second, third] = await Promise.all([
        late.run(['batch', 'results', expired, '--output-file', 'a.jsonl', '--strict']),
        late.run([
          'batch',
          'results',
          message,
          '--output-file',
          'b.jsonl',
          '--requests-file',
          'requests.jsonl',
        ]),
        slow.run(['batch', 'results', cancelled, '--output-file', 'c.jsonl', '--json']),
      ]);
      expect(first.code, first.stderr).to.equal(6);
      expect(first.stderr).to.match(/6 rows: 3 succeeded, 3 expired/);
      expect(await late.rows('a.jsonl')).to.have.length(6);
      expect(second.stderr).to.match(/6 rows: 3 succeeded, 3 expired/);
      const { status, summary } = parseAs(resultsSchema, third.stdout);
      expect(status).to.equal('cancelled');
      expect(summary.rows).to.equal(40);
      expect(summary.outcomes.succeeded).to.be.greaterThan(3);
      expect((summary.outcomes.succeeded ?? 0) + (summary.outcomes.cancelled ?? 0)).to.equal(40);
    } finally {
      await Promise.all([late.close(), slow.close()]);
    }
  });

  it('accounts for every row of a batch that failed, and gives the reason', async () => {
    const id = await endedOpenAI(world, openaiRequests(2) + openaiRequests(1));
    const result = await results(id, 'failed.jsonl', '--strict');
    expect(result.code, result.stderr).to.equal(6);
    expect(result.stderr).to.match(/Warning: OpenAI: line 3: /);
    const rows = await world.rows('failed.jsonl');
    expect(rows.length).to.be.at.least(2);
    for (const row of rows)
      expect(row).to.nested.include({ outcome: 'missing', 'error.type': 'batch_failed' });
  });

  it('ends with exit code 5 while the batch runs, and writes nothing', async () => {
    const running = await startWorld({ timing: NEVER });
    try {
      const [id = ''] = await seedOpenAI(running, openaiRequests(1));
      const [text, json] = await Promise.all([
        running.run(['batch', 'results', id, '--output-file', 'never.jsonl']),
        running.run(['batch', 'results', id, '--output-file', 'never.jsonl', '--json']),
      ]);
      expectFailure(text, {
        code: 5,
        says: /is still (processing|pending); it has no results yet/,
        advises: /batch wait/,
      });
      expect(json.code).to.equal(5);
      expect(parseAs(errorSchema, json.stdout).error.code).to.equal('state');
      expect(await running.files()).to.deep.equal([]);
    } finally {
      await running.close();
    }
  });

  it('replaces a file only with --force, and asks nothing before that is clear', async () => {
    await world.write('precious.jsonl', 'precious');
    world.sandbox.resetRequests();
    const refused = await results(openai, 'precious.jsonl');
    expectFailure(refused, { code: 2, says: /precious\.jsonl exists already/, advises: /--force/ });
    expect(world.sandbox.requests).to.deep.equal([]);
    expect(await world.read('precious.jsonl')).to.equal('precious');
    const forced = await results(openai, 'precious.jsonl', '--force');
    expect(forced.code, forced.stderr).to.equal(0);
    expect(await world.rows('precious.jsonl')).to.have.length(10);
  });

  it('refuses a model that contradicts the batch, and a format that does not exist', async () => {
    const [conflict, format, missing] = await Promise.all([
      results(openai, 'never.jsonl', '--model', 'anthropic/claude-haiku-4-5'),
      results(openai, 'never.jsonl', '--format', 'xml'),
      world.run(['batch', 'results', '--output-file', 'never.jsonl']),
    ]);
    expectFailure(conflict, { code: 2, says: /--model anthropic\/claude-haiku-4-5.*OpenAI/ });
    expectFailure(format, { code: 2, says: /format/ });
    expectFailure(missing, { code: 2, says: /batch-id/ });
  });

  it('reads embeddings and plain text', async () => {
    const clean = await startWorld();
    try {
      const id = await endedOpenAI(
        clean,
        jsonLines([
          {
            custom_id: 'e',
            method: 'POST',
            url: '/v1/embeddings',
            body: { model: 'text-embedding-3-small', input: 'x' },
          },
        ]),
        { endpoint: '/v1/embeddings' },
      );
      const text = await endedAnthropic(clean, anthropicRequests(1));
      await Promise.all([
        clean.run(['batch', 'results', id, '--output-file', 'e.jsonl']),
        clean.run(['batch', 'results', text, '--output-file', 't.jsonl']),
      ]);
      expect((await clean.rows('e.jsonl'))[0]?.['result'])
        .to.be.an('array')
        .with.length.greaterThan(1);
      expect((await clean.rows('t.jsonl'))[0]?.['result']).to.be.a('string');
    } finally {
      await clean.close();
    }
  });

  it('counts lines that cannot be read and answers that come twice', async () => {
    const line = (id: string): string =>
      JSON.stringify({
        custom_id: id,
        response: {
          status_code: 200,
          request_id: 'r',
          body: { choices: [{ message: { content: 'hi' }, finish_reason: 'stop' }] },
        },
        error: null,
      });
    const body = [line('a'), '{"custom_id": "b", "resp', line('a'), line('c')].join('\n');
    const server = await startFaultyServer((request, response) => {
      if (request.url?.includes('/files/')) return void response.end(body);
      sendJson(response, 200, openaiBatchObject({ request_counts: { total: 3, completed: 3, failed: 0 } }));
    });
    try {
      const result = await runInstructor(
        ['batch', 'results', 'batch_abc', '--output-file', `${world.folder}/odd.jsonl`],
        { env: envFor(server.url) },
      );
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stderr).to.match(/Warning: Line 2 of the output file cannot be read/);
      expect(result.stderr).to.match(/answer came a second time/);
      expect((await readFile(`${world.folder}/odd.jsonl`, 'utf8')).trimEnd().split('\n')).to.have.length(2);
    } finally {
      await server.close();
    }
  });
});
