import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { parquetMetadataAsync, parquetSchema, type CompressionCodec, type SchemaElement } from 'hyparquet';
import { openTable } from '../../src/rows/open-table.js';
import { openRandomAccess } from '../../src/rows/parquet-file.js';
import { columnsOf } from '../../src/rows/parquet-group.js';
import { failureOf, thrownBy } from '../support/failure-of.js';
import { lz4Block, lz4HadoopFrame, textColumn, writeParquet, zstdFrame } from '../support/parquet.js';
import { ROOT, temporaryFolder } from '../support/run-instructor.js';
import { readTable, valuesOf } from '../support/tables.js';

const optional = (name: string, element: Omit<SchemaElement, 'name'>): SchemaElement => ({
  name,
  repetition_type: 'OPTIONAL',
  ...element,
});

describe('a table of Parquet', () => {
  let folder: string;
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    path = join(folder, 'a.parquet');
  });
  afterEach(() => remove());

  for (const [codec, compress] of Object.entries<((bytes: Uint8Array) => Uint8Array) | undefined>({
    UNCOMPRESSED: undefined,
    SNAPPY: undefined,
    GZIP: gzipSync,
    BROTLI: brotliCompressSync,
    ZSTD: zstdFrame,
    LZ4: lz4HadoopFrame,
    LZ4_RAW: lz4Block,
  })) {
    it(`may be packed with ${codec}`, async () => {
      const texts = Array.from({ length: 5000 }, (_, index) => (index % 5 ? `Zeile ${index} ü😀` : null));
      await writeParquet(path, [textColumn('text')], [{ name: 'text', data: texts }], {
        codec: codec as CompressionCodec,
        ...(compress ? { compressors: { [codec]: compress } } : {}),
      });
      const { table, rows } = await readTable(path);
      expect(table).to.deep.include({ format: 'parquet', columns: ['text'], untyped: false, notes: [] });
      expect(valuesOf(rows)).to.deep.equal(texts.map((text) => ({ text })));
      expect(rows.map(({ row }) => row)).to.deep.equal(texts.map((_, index) => index + 1));
    });
  }

  it('gives values that JSON can hold', async () => {
    const cases: [SchemaElement, unknown, unknown][] = [
      [optional('small', { type: 'INT64' }), 12n, 12],
      [optional('large', { type: 'INT64' }), 9_007_199_254_740_993n, '9007199254740993'],
      [optional('negative', { type: 'INT64' }), -9_223_372_036_854_775_808n, '-9223372036854775808'],
      [optional('int', { type: 'INT32' }), -3, -3],
      [optional('double', { type: 'DOUBLE' }), 0.1, 0.1],
      [optional('yes', { type: 'BOOLEAN' }), true, true],
      [
        optional('date', { type: 'INT32', converted_type: 'DATE' }),
        new Date(Date.UTC(2024, 1, 29)),
        '2024-02-29',
      ],
      [
        optional('millis', { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }),
        new Date(Date.UTC(1969, 11, 31, 23, 59, 59, 999)),
        '1969-12-31T23:59:59.999Z',
      ],
      [
        optional('local', {
          type: 'INT64',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
        }),
        1_700_000_000_123_456n,
        '2023-11-14T22:13:20.123456',
      ],
      [
        optional('nanos', {
          type: 'INT64',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
        }),
        -1n,
        '1969-12-31T23:59:59.999999999Z',
      ],
      [optional('decimal', { type: 'INT64', converted_type: 'DECIMAL', precision: 10, scale: 1 }), 0.3, 0.3],
      [optional('bytes', { type: 'BYTE_ARRAY' }), Uint8Array.of(0xff, 0x00, 0x01), '/wAB'],
      [optional('plain', { type: 'BYTE_ARRAY' }), Buffer.from('ü'), 'ü'],
      [
        optional('fixed', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 2 }),
        Uint8Array.of(0xfe, 0xfe),
        '/v4=',
      ],
      [optional('json', { type: 'BYTE_ARRAY', converted_type: 'JSON' }), { a: [1, null] }, { a: [1, null] }],
      [
        optional('uuid', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } }),
        '01234567-89ab-cdef-0123-456789abcdef',
        '01234567-89ab-cdef-0123-456789abcdef',
      ],
    ];
    await writeParquet(
      path,
      cases.map(([element]) => element),
      cases.map(([{ name }, value]) => ({ name, data: [value, null] })),
    );
    const { rows } = await readTable(path);
    expect(valuesOf(rows)).to.deep.equal([
      Object.fromEntries(cases.map(([{ name }, , expected]) => [name, expected])),
      Object.fromEntries(cases.map(([{ name }]) => [name, null])),
    ]);
  });

  const LIST: SchemaElement[] = [
    optional('list', { converted_type: 'LIST', num_children: 1 }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    optional('element', { type: 'INT64' }),
  ];
  const STRUCT: SchemaElement[] = [
    optional('struct', { num_children: 2 }),
    optional('role', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
    optional('count', { type: 'INT64' }),
  ];

  it('gives lists and structures as arrays and objects', async () => {
    const list = [[1n, 2n ** 60n], [], null, [null, 3n]];
    const struct = [{ role: 'user', count: 1n }, null, { role: null, count: null }, { role: 'ü', count: 2n }];
    await writeParquet(
      path,
      [...LIST, ...STRUCT],
      [
        { name: 'list', data: list },
        { name: 'struct', data: struct },
      ],
    );
    const { table, rows } = await readTable(path);
    expect(table.columns).to.deep.equal(['list', 'struct']);
    expect(valuesOf(rows)).to.deep.equal([
      { list: [1, '1152921504606846976'], struct: { role: 'user', count: 1 } },
      { list: [], struct: null },
      { list: null, struct: { role: null, count: null } },
      { list: [null, 3], struct: { role: 'ü', count: 2 } },
    ]);
  });

  /** A row group of more rows than are unpacked at once. */
  async function largeGroup(offsetIndex: boolean): Promise<unknown[]> {
    const count = 100_000;
    const data = Array.from({ length: count }, (_, index) => ({
      id: index,
      text: index % 7 ? `${index} ${'text '.repeat(index % 30)}` : null,
      kind: ['a', 'b', null, 'c'][index % 4],
      list: index % 3 ? [index, index + 1].slice(0, index % 5) : null,
    }));
    const elements = [optional('id', { type: 'INT64' }), textColumn('text'), textColumn('kind'), ...LIST];
    await writeParquet(
      path,
      elements,
      [
        { name: 'id', data: data.map(({ id }) => BigInt(id)), offsetIndex },
        { name: 'text', data: data.map(({ text }) => text), offsetIndex },
        { name: 'kind', data: data.map(({ kind }) => kind), offsetIndex },
        { name: 'list', data: data.map(({ list }) => list?.map(BigInt)), offsetIndex },
      ],
      { rowGroupSize: count, pageSize: 40_000 },
    );
    return data;
  }

  for (const offsetIndex of [true, false]) {
    const index = offsetIndex ? 'an index of its pages' : 'no index of its pages';
    it(`may be one large row group with ${index}`, async function () {
      this.timeout(60_000);
      const data = await largeGroup(offsetIndex);
      const { rows } = await readTable(path);
      expect(rows).to.have.length(data.length);
      valuesOf(rows).forEach((values, row) => {
        if (JSON.stringify(values) !== JSON.stringify(data[row])) expect(values).to.deep.equal(data[row]);
      });
    });

    it(`is read a part at a time if its row group is large and has ${index}`, async function () {
      this.timeout(60_000);
      await largeGroup(offsetIndex);
      const file = await openRandomAccess(path);
      const sizes: number[] = [];
      const counted = {
        ...file,
        slice: (start: number, end?: number) => {
          sizes.push((end ?? file.byteLength) - start);
          return file.slice(start, end);
        },
      };
      const metadata = await parquetMetadataAsync(file);
      const group = metadata.row_groups[0]!;
      const wanted = parquetSchema(metadata).children.filter(({ element }) => element.name === 'text');
      const [column] = await columnsOf({ file: counted, metadata, compressors: {} }, group, wanted);
      let read = 0;
      for (const count of [1, 999, 40_000, 59_000]) read += (await column!.take(count)).length;
      await file.close();
      expect(read).to.equal(100_000);
      const size = Number(group.columns[1]!.meta_data!.total_compressed_size);
      expect(Math.max(...sizes)).to.be.below(size * 0.6);
      expect(sizes.reduce((sum, bytes) => sum + bytes)).to.be.below(size * 2);
    });
  }

  it('reads only the columns that are needed', async () => {
    await writeParquet(path, ['a', 'b', 'c.d'].map(textColumn), [
      { name: 'a', data: ['1', '2'] },
      { name: 'b', data: ['3', '4'] },
      { name: 'c.d', data: ['5', '6'] },
    ]);
    const { table, rows } = await readTable(path, { only: ['c.d', 'a', 'z'] });
    expect(table.columns).to.deep.equal(['a', 'b', 'c.d']);
    expect(valuesOf(rows)).to.deep.equal([
      { a: '1', 'c.d': '5' },
      { a: '2', 'c.d': '6' },
    ]);
    expect(valuesOf((await readTable(path, { only: [] })).rows)).to.deep.equal([{}, {}]);
  });

  it('is no longer read when the user interrupts', async () => {
    await writeParquet(path, [textColumn('a')], [{ name: 'a', data: new Array<string>(5000).fill('x') }]);
    const controller = new AbortController();
    const rows = (await openTable(path, { signal: controller.signal })).rows();
    await rows.next();
    controller.abort(new Error('enough'));
    expect(await thrownBy(() => rows.next())).to.equal(controller.signal.reason);
  });

  it('is refused if it is something else, or not complete', async () => {
    await writeParquet(path, [textColumn('a')], [{ name: 'a', data: ['x', 'y'] }]);
    const bytes = await readFile(path);
    const damaged = Buffer.from(bytes);
    damaged.fill(0xff, 4, 12);
    const footer = Buffer.from(bytes);
    footer.writeUInt32LE(1_000_000, bytes.byteLength - 8);
    for (const [content, message] of [
      ['name,age\n', 'is not a Parquet file'],
      ['', 'is not a Parquet file'],
      ['PAR1', 'is not complete: its end is missing'],
      ['PARE....PARE', 'is encrypted'],
      [bytes.subarray(0, -10), 'is not complete: its end is missing'],
      [damaged, 'cannot be read as Parquet: '],
      [footer, 'cannot be read as Parquet: '],
    ] as const) {
      await writeFile(path, content);
      const failure = await failureOf(() => readTable(path));
      expect(failure.kind).to.equal('input');
      expect(failure.message).to.contain(`${path} ${message}`);
    }
  });

  it('comes from standard input, and leaves nothing behind', async () => {
    await writeParquet(path, [textColumn('a')], [{ name: 'a', data: ['x', null] }]);
    const source = `
      import { openTable } from ${JSON.stringify(join(ROOT, 'src/rows/open-table.ts'))};
      const table = await openTable('-', { format: 'parquet' });
      for await (const rows of table.rows()) console.log(JSON.stringify(rows));`;
    const temporary = join(folder, 'temporary');
    await mkdir(temporary);
    const shown = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
      input: await readFile(path),
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    });
    expect(JSON.parse(shown)).to.deep.equal([
      { row: 1, values: { a: 'x' } },
      { row: 2, values: { a: null } },
    ]);
    expect((await readdir(temporary)).filter((name) => name.startsWith('instructor-'))).to.deep.equal([]);
  });
});
