import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { openTable } from '../../src/rows/open-table.js';
import { failureOf, thrownBy } from '../support/failure-of.js';
import { ROOT, temporaryFolder } from '../support/run-instructor.js';
import { readTable, valuesOf } from '../support/tables.js';

const CSV = 'name,age\nAda,36\nAlan,41\n';
const PEOPLE = [
  { name: 'Ada', age: '36' },
  { name: 'Alan', age: '41' },
];

describe('a table', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  for (const [name, content, format] of [
    ['a.jsonl', '{"a":1}', 'jsonl'],
    ['a.ndjson', '{"a":1}', 'jsonl'],
    ['a.JSON', '[{"a":1}]', 'json'],
    ['a.csv', 'a\n1', 'csv'],
    ['a.b.tsv', 'a\n1', 'tsv'],
    ['a.tab', 'a\n1', 'tsv'],
  ] as const) {
    it(`is known by the ending of its name: ${name}`, async () => {
      for (const path of [await file(name, content), await file(`${name}.gz`, gzipSync(content))]) {
        const { table, rows } = await readTable(path);
        expect(table.format).to.equal(format);
        expect(rows).to.have.length(1);
      }
    });
  }

  it('of an unknown ending needs a format', async () => {
    const path = await file('rows.txt', CSV);
    const failure = await failureOf(() => openTable(path));
    expect(failure.kind).to.equal('usage');
    expect(failure.message).to.equal(`The name of ${path} does not tell its format`);
    expect(failure.hint).to.contain('--input-format jsonl, json, csv, tsv, parquet');
    expect(valuesOf((await readTable(path, { format: 'csv' })).rows)).to.deep.equal(PEOPLE);
  });

  it('from standard input needs a format', async () => {
    const failure = await failureOf(() => openTable('-'));
    expect(failure.kind).to.equal('usage');
    expect(failure.hint).to.contain('--input-format');
  });

  it('is no workbook', async () => {
    for (const name of ['a.xlsx', 'a.csv', 'a.jsonl']) {
      const path = await file(name, 'PK\x03\x04 and so on');
      const failure = await failureOf(() => readTable(path));
      expect(failure.message).to.equal(`${path} is a workbook of a spreadsheet program, not a text`);
      expect(failure.hint).to.contain('CSV');
    }
  });

  it('of Parquet under the name of a text is told apart', async () => {
    const failure = await failureOf(async () => readTable(await file('a.csv', 'PAR1....PAR1')));
    expect(failure.message).to.contain('is a Parquet file');
    expect(failure.hint).to.contain('--input-format parquet');
  });

  it('may be packed with gzip in several parts, and under any name', async () => {
    const packed = Buffer.concat([gzipSync('name,age\nAda'), gzipSync(',36\nAlan,41\n')]);
    for (const name of ['a.csv.gz', 'a.csv']) {
      expect(valuesOf((await readTable(await file(name, packed))).rows)).to.deep.equal(PEOPLE);
    }
  });

  it('packed with gzip has to be complete', async () => {
    const packed = gzipSync(CSV.repeat(1000));
    const path = await file('a.csv.gz', packed.subarray(0, packed.byteLength - 20));
    const failure = await failureOf(() => readTable(path));
    expect(failure.message).to.equal(`${path} cannot be unpacked: unexpected end of file`);
  });

  it('that does not exist is named', async () => {
    for (const name of ['none.csv', 'none.json', 'none.jsonl', 'none.parquet']) {
      const path = join(folder, name);
      const failure = await failureOf(() => readTable(path));
      expect(failure.message).to.equal(`Cannot read ${path}: there is no such file or folder`);
    }
  });

  for (const [name, content] of [
    ['a.csv', `name,age\n${'Ada,36\n'.repeat(200_000)}`],
    ['a.jsonl', '{"name":"Ada"}\n'.repeat(200_000)],
    ['a.json', `[${'{"name":"Ada"},'.repeat(200_000)}{}]`],
    ['a.csv.gz', gzipSync(`name,age\n${'Ada,36\n'.repeat(200_000)}`)],
  ] as const) {
    it(`is no longer read when the user interrupts: ${name}`, async () => {
      const controller = new AbortController();
      const path = await file(name, content);
      const rows = (await openTable(path, { signal: controller.signal })).rows();
      await rows.next();
      controller.abort(new Error('enough'));
      const reading = async (): Promise<void> => {
        for await (const block of rows) void block;
      };
      expect(await thrownBy(reading)).to.equal(controller.signal.reason);
    });
  }

  it('can be left early', async () => {
    for (const name of ['a.csv', 'a.csv.gz']) {
      const content = `name,age\n${'Ada,36\n'.repeat(200_000)}`;
      const path = await file(name, name.endsWith('gz') ? gzipSync(content) : content);
      for await (const block of (await openTable(path)).rows()) {
        expect(block.length).to.be.above(0);
        break;
      }
    }
  });

  it('comes from standard input', () => {
    const source = `
      import { openTable } from ${JSON.stringify(join(ROOT, 'src/rows/open-table.ts'))};
      const table = await openTable('-', { format: process.argv[1] });
      const values = [];
      for await (const rows of table.rows()) values.push(...rows.map((row) => row.values));
      console.log(JSON.stringify(values));`;
    for (const [format, input] of [
      ['csv', CSV],
      ['jsonl', '{"name":"Ada","age":"36"}\n{"name":"Alan","age":"41"}\n'],
      ['json', gzipSync(JSON.stringify(PEOPLE))],
    ] as const) {
      const args = ['--import', 'tsx', '--input-type=module', '-e', source, format];
      const shown = execFileSync(process.execPath, args, { input, cwd: ROOT, encoding: 'utf8' });
      expect(JSON.parse(shown)).to.deep.equal(PEOPLE);
    }
  });
});
