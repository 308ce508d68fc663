import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonSchema } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import type { BatchResult } from '../../src/core/result-row.js';
import { tableSink, type TableOptions } from '../../src/core/table-results.js';
import { openOutput } from '../../src/rows/output-file.js';
import { openTable } from '../../src/rows/open-table.js';

function modelOf(...properties: string[]): JsonSchema {
  return { type: 'object', properties: Object.fromEntries(properties.map((name) => [name, {}])) };
}

function good(result: unknown, rest: Partial<BatchResult> = {}): BatchResult {
  return { customId: 'a', outcome: 'succeeded', success: true, result, ...rest } as BatchResult;
}

let folder = '';

async function write(rows: BatchResult[], options: Partial<TableOptions>): Promise<string> {
  const path = join(folder, 'table');
  const output = await openOutput(path, { force: true });
  const sink = await tableSink(output, { format: 'csv', joined: false, attempts: false, ...options });
  try {
    await sink.add(rows);
    await sink.finish();
  } finally {
    await sink.close();
  }
  await output.commit();
  return path;
}

async function lines(
  rows: BatchResult[],
  schema?: JsonSchema,
  options: Partial<TableOptions> = {},
): Promise<string[]> {
  return (await readFile(await write(rows, { schema, ...options }), 'utf8')).split('\n');
}

const TRAILING = 'error_type,error_message,error_code,answer,input_tokens,output_tokens,model,finish_reason';

describe('results as CSV', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'table-results-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('have a column for each property of the answers', async () => {
    const usage = { inputTokens: 5, outputTokens: 0 };
    const row = good({ label: 'ham', score: -0.5, sure: false }, { usage, model: 'm', finishReason: 'stop' });
    expect(await lines([row], modelOf('label', 'score', 'sure', 'note'))).to.deep.equal([
      `custom_id,outcome,success,result.label,result.score,result.sure,result.note,${TRAILING}`,
      'a,succeeded,true,ham,-0.5,false,,,,,,5,0,m,stop',
      '',
    ]);
  });

  it('have one column without a model of the answers', async () => {
    expect((await lines([good('plain, "text"\nof two lines')])).slice(0, 3)).to.deep.equal([
      `custom_id,outcome,success,result,${TRAILING}`,
      'a,succeeded,true,"plain, ""text""',
      'of two lines",,,,,,,,',
    ]);
  });

  it('have a column for each nested field, and keep lists as JSON', async () => {
    const schema = {
      type: 'object',
      properties: { tags: { type: 'array' }, at: { type: 'object', properties: { z: {}, y: {} } } },
    };
    const [head, line] = await lines([good({ tags: ['x', 'y'], at: { z: 1 } })], schema);
    expect(head).to.equal(`custom_id,outcome,success,result.tags,result.at.z,result.at.y,${TRAILING}`);
    expect(line).to.equal('a,succeeded,true,"[""x"",""y""]",1,,,,,,,,,');
  });

  it('find their columns in the answers if nothing is known of them, in the order in which they come', async () => {
    const [head, first, second] = await lines([good({ a: 1 }), good({ b: { c: true }, a: null })]);
    expect(head).to.equal(`custom_id,outcome,success,result.a,result.b.c,${TRAILING}`);
    expect([first, second]).to.deep.equal(['a,succeeded,true,1,,,,,,,,,', 'a,succeeded,true,,true,,,,,,,,']);
  });

  it('tell why a row failed, and what the model said all the same', async () => {
    const error = { type: 'schema_mismatch', message: 'age: no', code: 'c' };
    const row: BatchResult = {
      customId: 'b',
      outcome: 'invalid',
      success: false,
      error,
      answer: { age: 'x' },
    };
    expect((await lines([row], modelOf('age')))[1]).to.equal(
      'b,invalid,false,,schema_mismatch,age: no,c,"{""age"":""x""}",,,,',
    );
  });

  for (const formula of ['=1+1', '+1', '-cmd', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1']) {
    it(`are never run as a formula: ${JSON.stringify(formula)}`, async () => {
      const text = (await lines([good(formula, { customId: formula })])).slice(1).join('\n');
      const cells = text.split(',');
      expect(cells[0]?.replace('"', '')).to.match(/^'/);
      expect(cells[3]?.replace('"', '')).to.match(/^'/);
    });
  }

  it('keep negative numbers numbers', async () => {
    expect((await lines([good({ n: -5 })], modelOf('n')))[1]).to.contain('true,-5,');
  });

  it('write a date as JSON would, without its quotes', async () => {
    const at = new Date('2026-01-02T03:04:05Z');
    expect((await lines([good({ at })], modelOf('at')))[1]).to.contain('true,2026-01-02T03:04:05.000Z,');
  });

  it('leave formulas as they are if that is wanted', async () => {
    const text = (await lines([good('=1+1')], undefined, { escapeFormulas: false })).join('\n');
    expect(text).to.contain(',=1+1,');
  });

  it('neutralise the names of columns too', async () => {
    const [head] = await lines([{ ...good('x'), input: { '=cmd': 'v' } }], undefined, { joined: true });
    expect(head).to.match(/^'=cmd,custom_id,/);
  });

  for (const [what, result, column, shown] of [
    ['another shape than the model', 'red', 'result', 'red'],
    ['a list', [1], 'result', '[1]'],
    ['more keys than the model', { label: 'x', extra: 1 }, 'result.extra', '1'],
    ['a big number', { label: 12345678901234567890n }, 'result.label', '12345678901234567890'],
    ['a map', { label: new Map([['k', 1]]) }, 'result.label', '"[[""k"",1]]"'],
  ] as const) {
    it(`lose nothing if a transform made ${what} of the answer`, async () => {
      const [head = '', line = ''] = await lines([good(result)], modelOf('label'));
      expect(head.split(',')).to.include(column);
      expect(line).to.contain(shown);
    });
  }

  describe('beside the rows of an input', () => {
    const renamed: string[] = [];
    const joined: Partial<TableOptions> = {
      joined: true,
      inputColumns: ['id', 'model', 'label'],
      onRenamed: (from, to) => renamed.push(`${from} ${to}`),
    };

    it('give the columns of the input their names, and others where they clash', async () => {
      const row = good(
        { label: 'ham', sure: 1 },
        { input: { id: '7', model: 'T', label: 'old' }, model: 'm' },
      );
      const [head, line] = await lines([row], modelOf('label'), joined);
      expect(head).to.equal(
        `id,model,label,custom_id,outcome,success,result.label,sure,${TRAILING.replace(',model', ',batch.model')}`,
      );
      expect(line).to.equal('7,T,old,a,succeeded,true,ham,1,,,,,,,m,');
      expect(renamed).to.deep.equal(['model batch.model', 'label result.label']);
    });

    it('show attempts of several batches', async () => {
      const row = good('x', { attempts: 2, batchId: 'b2' });
      const [head, line] = await lines([row], undefined, { attempts: true });
      expect(head).to.match(/,attempts,batch_id$/);
      expect(line).to.match(/,2,b2$/);
    });
  });
});

describe('results as Parquet', () => {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'table-results-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function readBack(rows: BatchResult[], options: Partial<TableOptions> = {}): Promise<unknown[]> {
    const table = await openTable(await write(rows, { format: 'parquet', ...options }), {
      format: 'parquet',
    });
    const read: unknown[] = [];
    for await (const block of table.rows()) {
      for (const row of block) read.push('values' in row ? row.values : row.unreadable);
    }
    return read;
  }

  it('keep the types of their columns', async () => {
    const result = { text: '=1', whole: 3, part: 0.5, sure: false, tags: ['x', { y: 1 }] };
    const [row] = await readBack([good(result)]);
    expect(row).to.include({
      custom_id: 'a',
      success: true,
      'result.text': '=1',
      'result.whole': 3,
      'result.part': 0.5,
      'result.sure': false,
    });
    expect((row as Record<string, unknown>)['result.tags']).to.deep.equal(['x', { y: 1 }]);
  });

  it('hold texts where the cells of a column are of several types, and fractions where some are whole', async () => {
    const rows = await readBack([
      good({ mixed: 1, n: 1 }),
      good({ mixed: 'one', n: 1.5 }),
      good({ mixed: [1] }),
    ]);
    const column = (name: string): unknown[] =>
      rows.map((row) => (row as Record<string, unknown>)[name] ?? null);
    expect(column('result.mixed')).to.deep.equal(['1', 'one', '[1]']);
    expect(column('result.n')).to.deep.equal([1, 1.5, null]);
  });

  it('are a valid file without any row', async () => {
    expect(await readBack([])).to.deep.equal([]);
  });
});
