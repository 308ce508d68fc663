import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { resultRowSchema, resultsSchema, parseAs } from '../support/json-schemas.js';
import { textColumn, writeParquet } from '../support/parquet.js';
import { readTable, valuesOf } from '../support/tables.js';
import { jsonLines, startWorld, type World } from '../support/world.js';

type Row = Record<string, unknown>;

const COLUMNS = ['id', 'text', 'label', 'note'];
/** In an order of their own; the ids are none that Anthropic would take, and one is too long for it. */
const ROWS: Row[] = [
  { id: 'T 2', text: 'Buy, now', label: 'old', note: '=HYPERLINK("http://x","y")' },
  { id: 'ä'.repeat(40), text: 'Two\nlines "quoted"', label: '', note: '+1' },
  { id: 'never', text: '', label: 'left', note: 'x' },
  { id: 'bad', text: 'this one fails', label: 'old', note: '-3' },
  { id: 'T 10', text: 'hello', label: 'old', note: '@SUM(A1)' },
];
const ASKED = ROWS.filter(({ id }) => id !== 'never');
const OUTCOMES = ['succeeded', 'succeeded', 'errored', 'succeeded'];
const INPUTS = ['in.csv', 'in.tsv', 'in.jsonl', 'in.json', 'in.parquet', 'in.csv.gz'];
const OUTPUTS = ['jsonl', 'json', 'csv', 'parquet'];
const MODEL_TS = `import { z } from 'zod';
export const Label = z.object({
  label: z.enum(['SPAM', 'HAM']),
  place: z.object({ city: z.string(), geo: z.object({ zip: z.int() }) }),
});
`;

function separated(delimiter: string): string {
  const cell = (value: unknown): string => `"${String(value).replaceAll('"', '""')}"`;
  return [COLUMNS, ...ROWS.map((row) => COLUMNS.map((name) => row[name]))]
    .map((cells) => `${cells.map(cell).join(delimiter)}\n`)
    .join('');
}

describe('batch results --join', () => {
  let world: World;
  let batch: string;
  const shape = ['--response-model', 'model.ts#Label'];
  const join = async (input: string, output: string, ...flags: string[]) =>
    await world.run([
      'batch', 'results', batch, '--join', input, '--id-column', 'id', ...shape, '--output-file', output, ...flags,
    ]); // prettier-ignore
  const tableOf = async (name: string): Promise<Row[]> =>
    valuesOf((await readTable(`${world.folder}/${name}`)).rows) as Row[];

  before(async () => {
    world = await startWorld({ outcome: ({ customId }) => (customId === 'bad' ? 'errored' : undefined) });
    await world.write('model.ts', MODEL_TS);
    await world.write('in.csv', separated(','));
    await world.write('in.tsv', separated('\t'));
    await world.write('in.jsonl', jsonLines(ROWS));
    await world.write('in.json', JSON.stringify(ROWS));
    await world.write('in.csv.gz', gzipSync(separated(',')));
    await writeParquet(
      `${world.folder}/in.parquet`,
      COLUMNS.map(textColumn),
      COLUMNS.map((name) => ({ name, data: ROWS.map((row) => row[name]) })),
    );
    const created = await world.run([
      'batch', 'create', '--input', 'in.csv', '--id-column', 'id', '--prompt', 'Classify {{ text }}',
      '--where', "id != 'never'", '--model', 'anthropic/claude-haiku-4-5', ...shape,
      '--output-file', 'requests.jsonl', '--submit',
    ]); // prettier-ignore
    expect(created.code, created.stderr).to.equal(0);
    batch = created.stdout.trim();
    await world.run(['batch', 'wait', batch, '--poll', '0.05']);
  });
  after(() => world.close());

  for (const input of INPUTS) {
    it(`puts the answers beside the rows of ${input}, in every format`, async () => {
      const runs = await Promise.all(
        OUTPUTS.map((format) => join(input, `${input}.out.${format}`, '--no-escape-formulas')),
      );
      for (const { code, stderr } of runs) {
        expect(code, stderr).to.equal(0);
        expect(stderr).to.match(/^4 rows: 3 succeeded, 1 errored$/m);
        expect(stderr).to.match(/^ {2}1 × errored \(.*\): .* \[bad\]$/m);
        expect(stderr).to.match(/^Note: 1 row of the input had no request in the batch/m);
      }
      for (const format of ['jsonl', 'json']) {
        const rows = (await tableOf(`${input}.out.${format}`)).map((row) =>
          parseAs(resultRowSchema, JSON.stringify(row)),
        );
        expect(rows.map((row) => row.input)).to.deep.equal(ASKED);
        expect(rows.map(({ custom_id }) => custom_id)).to.deep.equal(ASKED.map(({ id }) => id));
        expect(rows.map(({ outcome }) => outcome)).to.deep.equal(OUTCOMES);
        for (const row of rows) {
          if (row.success) expect(row.result).to.have.nested.property('place.geo.zip').that.is.a('number');
          else expect(row.error.message).to.not.equal('');
        }
      }
      for (const format of ['csv', 'parquet']) {
        const name = `${input}.out.${format}`;
        const { table } = await readTable(`${world.folder}/${name}`);
        expect(table.columns?.slice(0, 11)).to.deep.equal([
          ...COLUMNS, 'custom_id', 'outcome', 'success', 'result.label', 'place.city', 'place.geo.zip', 'error_type',
        ]); // prettier-ignore
        const rows = await tableOf(name);
        expect(
          rows.map((row) => Object.fromEntries(COLUMNS.map((column) => [column, row[column]]))),
          'the columns of the input as they were',
        ).to.deep.equal(ASKED);
        expect(rows.map(({ outcome }) => outcome)).to.deep.equal(OUTCOMES);
        for (const row of rows) {
          if (row['outcome'] === 'succeeded') {
            expect(row['result.label']).to.be.oneOf(['SPAM', 'HAM']);
            expect(row['place.city']).to.be.a('string').that.is.not.equal('');
            expect(Number(row['place.geo.zip'])).to.satisfy(Number.isInteger);
            expect(row['error_message'] ?? '').to.equal('');
          } else {
            expect(row['result.label'] ?? '').to.equal('');
            expect(row['error_type']).to.be.a('string').that.is.not.equal('');
            expect(row['error_message']).to.be.a('string').that.is.not.equal('');
          }
        }
      }
      expect(runs[2]?.stderr, 'a clash is named').to.match(
        /^Note: The input has a column "label" already: the one of the results is "result\.label"$/m,
      );
    });
  }

  it('neutralises what a spreadsheet would run, unless that is unwanted', async () => {
    const [safe] = await Promise.all([
      join('in.csv', 'safe.csv', '--requests-file', 'requests.jsonl'),
      join('in.csv', 'raw.csv', '--no-escape-formulas'),
    ]);
    expect(safe.code, safe.stderr).to.equal(0);
    const notes = async (name: string): Promise<unknown[]> => (await tableOf(name)).map(({ note }) => note);
    expect(await notes('safe.csv')).to.deep.equal([`'${String(ROWS[0]?.['note'])}`, "'+1", '-3', "'@SUM(A1)"]); // prettier-ignore
    expect(await notes('raw.csv')).to.deep.equal(ASKED.map(({ note }) => note));
  });

  it('counts the rows that were never asked, with --json too', async () => {
    const [piped, known] = await Promise.all([
      world.run(
        [
          'batch', 'results', batch, '--join', '-', '--input-format', 'csv', '--id-column', 'id',
          '--summary', '--json',
        ], // prettier-ignore
        { input: separated(',') },
      ),
      join('in.jsonl', 'known.jsonl', '--requests-file', 'requests.jsonl', '--json'),
    ]);
    for (const { code, stdout, stderr } of [piped, known]) {
      expect(code, stderr).to.equal(0);
      const { summary } = parseAs(resultsSchema, stdout);
      expect(summary).to.deep.include({
        rows: 4,
        outcomes: { succeeded: 3, errored: 1 },
        not_asked: 1,
        unexpected: 0,
      });
    }
  });

  it('keeps answers to rows that the input does not have any more', async () => {
    await world.write('fewer.jsonl', jsonLines(ROWS.slice(3)));
    const result = await join('fewer.jsonl', 'fewer.out.csv');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.match(/^Warning: 2 answers belong to no row of fewer\.jsonl; at the end/m);
    const rows = await tableOf('fewer.out.csv');
    expect(rows.map(({ id }) => id).slice(0, 2)).to.deep.equal(['bad', 'T 10']);
    expect(rows).to.have.length(4);
  });

  it('says so if nothing of the table was asked, or its column does not exist', async () => {
    const base = ['batch', 'results', batch, '--join', 'in.csv', '--output-file', 'never.csv'];
    const [byNumber, noColumn] = await Promise.all([
      world.run(base),
      world.run([...base, '--id-column', 'ticket']),
    ]);
    expect([byNumber.code, noColumn.code]).to.deep.equal([2, 2]);
    expect(byNumber.stderr).to.match(/^Error: No answer belongs to a row of in\.csv/m);
    expect(byNumber.stderr).to.match(/columns: id, text, label, note/);
    expect(noColumn.stderr).to.match(/"?ticket"?/);
    expect(await world.files()).to.not.include('never.csv');
  });

  it('keeps the types of Parquet, and what JSON has no word for', async () => {
    await writeParquet(
      `${world.folder}/typed.parquet`,
      [
        textColumn('id'),
        { name: 'big', type: 'INT64', repetition_type: 'OPTIONAL' },
        { name: 'ratio', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
        { name: 'seen', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'OPTIONAL' },
      ],
      [
        { name: 'id', data: ['bad', 'T 2'] },
        { name: 'big', data: [9007199254740993n, 7n] },
        { name: 'ratio', data: [0.5, null] },
        { name: 'seen', data: [new Date('2026-01-02T03:04:05Z'), null] },
      ],
    );
    const outputs = ['typed.jsonl', 'typed.out.parquet', 'typed.csv'];
    for (const { code, stderr } of await Promise.all(outputs.map((name) => join('typed.parquet', name))))
      expect(code, stderr).to.equal(0);
    for (const name of ['typed.out.parquet', 'typed.csv']) {
      const [row] = await tableOf(name);
      expect(String(row?.['big']), name).to.equal('9007199254740993');
      expect(Number(row?.['ratio'])).to.equal(0.5);
      expect(row?.['seen']).to.equal('2026-01-02T03:04:05.000Z');
    }
    expect((await world.rows('typed.jsonl'))[0]?.['input']).to.deep.equal({
      id: 'bad',
      big: '9007199254740993',
      ratio: 0.5,
      seen: '2026-01-02T03:04:05.000Z',
    });
  });
});
