import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parquetMetadata } from 'hyparquet';
import { openOutput } from '../../src/rows/output-file.js';
import { openParquet, type ParquetColumn } from '../../src/rows/parquet-output.js';
import { thrownBy } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { readTable, valuesOf } from '../support/tables.js';

describe('a file of Parquet that is written', () => {
  let folder: string;
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    path = join(folder, 'out.parquet');
  });
  afterEach(() => remove());

  async function write(columns: ParquetColumn[], rows: Iterable<readonly unknown[]>): Promise<void> {
    const output = await openOutput(path);
    try {
      const parquet = await openParquet(output, columns);
      for (const cells of rows) {
        const waiting = parquet.add(cells);
        if (waiting) await waiting;
      }
      await parquet.finish();
      await output.commit();
    } finally {
      await output.discard();
    }
  }

  it('reads back as it was', async () => {
    const columns: ParquetColumn[] = [
      { name: 'text', type: 'text' },
      { name: 'answer.name', type: 'text' },
      { name: 'ü "x",\n', type: 'json' },
      { name: 'yes', type: 'boolean' },
      { name: 'count', type: 'integer' },
      { name: 'score', type: 'number' },
      { name: '__proto__', type: 'text' },
    ];
    const rows = [
      ['a', 'b', { a: [1, 'x', null] }, true, 1, 0.5, 'p'],
      ['', '😀ü\0\n', 'a "text"', false, -(2 ** 40), 1e300, 'p'],
      [undefined, null, undefined, null, undefined, null, undefined],
      ['c', 'd', [], true, 9_007_199_254_740_993n, -0.1, 'p'],
      ['e', 'f', 7, true, '-9223372036854775808', 3, 'p'],
    ];
    await write(columns, rows);
    const { table, rows: read } = await readTable(path);
    expect(table.columns).to.deep.equal(columns.map(({ name }) => name));
    const expected = [...rows];
    expected[3] = ['c', 'd', [], true, '9007199254740993', -0.1, 'p'];
    const cells = read.map((row) => ('values' in row ? columns.map(({ name }) => row.values[name]) : row));
    expect(cells).to.deep.equal(expected.map((row) => row.map((cell) => cell ?? null)));
  });

  it('has row groups of a bounded number of rows', async () => {
    const rows = Array.from({ length: 25_000 }, (_, index) => [index, `text ${index % 10}`]);
    await write(
      [
        { name: 'id', type: 'integer' },
        { name: 'text', type: 'text' },
      ],
      rows,
    );
    const { row_groups } = parquetMetadata(await readFile(path));
    expect(row_groups.map(({ num_rows }) => Number(num_rows))).to.deep.equal([10_000, 10_000, 5000]);
    expect(row_groups[0]!.columns.map(({ meta_data }) => meta_data?.codec)).to.deep.equal([
      'SNAPPY',
      'SNAPPY',
    ]);
    expect(valuesOf((await readTable(path)).rows)).to.deep.equal(rows.map(([id, text]) => ({ id, text })));
  });

  it('has row groups of a bounded size', async () => {
    const large = 'x'.repeat(1024 * 1024);
    await write(
      [
        { name: 'text', type: 'text' },
        { name: 'json', type: 'json' },
      ],
      Array.from({ length: 20 }, () => [large, { large }]),
    );
    const { row_groups } = parquetMetadata(await readFile(path));
    for (const { num_rows } of row_groups) expect(Number(num_rows)).to.be.within(1, 4);
    expect(valuesOf((await readTable(path)).rows)).to.deep.equal(
      Array.from({ length: 20 }, () => ({ text: large, json: { large } })),
    );
  });

  it('may have no rows', async () => {
    await write([{ name: 'a', type: 'text' }], []);
    const { table, rows } = await readTable(path);
    expect(table.columns).to.deep.equal(['a']);
    expect(rows).to.deep.equal([]);
  });

  it('writes values of other kinds into a column of text as JSON', async () => {
    await write([{ name: 'a', type: 'text' }], [[1], [{ b: 2 }], [true]]);
    expect(valuesOf((await readTable(path)).rows)).to.deep.equal([
      { a: '1' },
      { a: '{"b":2}' },
      { a: 'true' },
    ]);
  });

  it('never leaves out what does not fit its column', async () => {
    for (const [type, value] of [
      ['integer', 1.5],
      ['integer', 'x'],
      ['integer', 2n ** 63n],
      ['number', '1'],
      ['boolean', 'true'],
    ] as const) {
      const error = await thrownBy(() => write([{ name: 'a', type }], [[value]]));
      expect((error as Error).message).to.contain(`the column a takes a value of type ${type}`);
    }
  });

  it('leaves nothing behind if it is thrown away', async () => {
    const output = await openOutput(path);
    const parquet = await openParquet(output, [{ name: 'a', type: 'text' }]);
    await parquet.add(['x']);
    await output.discard();
    expect(await open(path).catch(() => 'nothing')).to.equal('nothing');
  });
});
