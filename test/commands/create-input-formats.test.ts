import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { InputCreator } from '../support/create-input.js';
import { expectFailure } from '../support/expect-failure.js';
import { textColumn, writeParquet } from '../support/parquet.js';
import { runInShell } from '../support/shell.js';
import { jsonLines, linesOf, startWorld, type World } from '../support/world.js';

/** Ids that one provider or both would refuse, and texts that formats are known to lose. */
const ROWS = [
  { id: 'plain-1', text: 'hello', n: '1' },
  { id: 'with blank/ü', text: 'two\nlines, "quoted"', n: '2' },
  { id: '_x_a_20b', text: "a 'tab'\there", n: '3' },
  { id: `${'long '.repeat(20)}end`, text: '🙂 ü', n: '4' },
  { id: 'left out', text: 'not asked', n: '5' },
];
const ASKED = ROWS.slice(0, 4);
const FLAGS = ['--prompt', 'Say {{ text }}', '--id-column', 'id', '--where', 'n < 5'];

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const separated = (delimiter: string): string =>
  [['id', 'text', 'n'], ...ROWS.map(({ id, text, n }) => [id, text, n])]
    .map((cells) => `${cells.map(quoted).join(delimiter)}\n`)
    .join('');
const typed = ROWS.map((row) => ({ ...row, n: Number(row.n) }));

const FILES: Record<string, string | Uint8Array> = {
  'rows.csv': separated(','),
  'rows.tsv': separated('\t'),
  'rows.jsonl': jsonLines(typed),
  'rows.json': JSON.stringify(typed, undefined, 2),
  'rows.csv.gz': gzipSync(separated(',')),
  'rows.tsv.gz': gzipSync(separated('\t')),
  'rows.jsonl.gz': gzipSync(jsonLines(typed)),
  'rows.json.gz': gzipSync(JSON.stringify(typed)),
};
const FORMATS = [...Object.keys(FILES), 'rows.parquet'];

describe('batch create --input: from each format to results', () => {
  let world: World;
  let create: InputCreator;

  before(async () => {
    world = await startWorld();
    create = new InputCreator(world);
    for (const [name, content] of Object.entries(FILES)) await world.write(name, content);
    await writeParquet(
      join(world.folder, 'rows.parquet'),
      [textColumn('id'), textColumn('text'), { name: 'n', type: 'INT32', repetition_type: 'REQUIRED' }],
      [
        { name: 'id', data: ROWS.map(({ id }) => id) },
        { name: 'text', data: ROWS.map(({ text }) => text) },
        { name: 'n', data: Int32Array.from(typed, ({ n }) => n) },
      ],
    );
  });
  after(() => world.close());

  /** Submits a request file, waits, and gives what `results` says of each row. */
  const answers = async (file: string, provider: string): Promise<Record<string, unknown>[]> => {
    const model = ['--model', provider === 'openai' ? 'openai/gpt-4o-mini' : 'anthropic/claude-haiku-4-5'];
    const sent = await world.run([
      'batch',
      'create-from-file',
      '--file-path',
      file,
      ...model,
      '--wait',
      '--json',
    ]);
    expect(sent.code, sent.stderr).to.equal(0);
    const { batch } = JSON.parse(sent.stdout) as { batch: { id: string } };
    const args = ['batch', 'results', batch.id, '--provider', provider, '--requests-file', file];
    const got = await world.run([...args, '--output-file', '-']);
    expect(got.code, got.stderr).to.equal(0);
    return linesOf(got.stdout);
  };

  for (const [at, format] of FORMATS.entries()) {
    const provider = at % 2 === 0 ? 'anthropic' : 'openai';
    it(`reads ${format}, and the answers of ${provider} have the ids of its rows`, async () => {
      const file = `${format}.requests.jsonl`;
      const result = await create.run(format, [...FLAGS, '--provider', provider, '--output-file', file]);
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.equal(`${file}\n`);
      const rows = await answers(file, provider);
      expect(rows.map((row) => [row['custom_id'], row['outcome']])).to.deep.equal(
        ASKED.map(({ id }) => [id, 'succeeded']),
      );
      for (const [index, { text }] of ASKED.entries())
        expect(rows[index]?.['result']).to.include(`Say ${text.slice(0, 3)}`);
    });
  }

  it('makes the same requests of all of them, for both providers', async () => {
    for (const provider of ['openai', 'anthropic']) {
      const all = await Promise.all(
        FORMATS.map((format) => create.requests(format, [...FLAGS, '--provider', provider])),
      );
      const [first = []] = all;
      expect(first.map(({ body, params }) => (body ?? params)?.messages.at(-1)?.content)).to.deep.equal(
        ASKED.map(({ text }) => `Say ${text}`),
      );
      for (const requests of all) expect(requests).to.deep.equal(first);
      expect(new Set(first.map(({ custom_id }) => custom_id)).size).to.equal(ASKED.length);
    }
  });

  it('gives ids that the provider takes, and turns them back in results and in --join', async () => {
    const file = 'mapped.jsonl';
    await create.run('rows.csv', [...FLAGS, '--provider', 'anthropic', '--output-file', file]);
    const ids = (await world.rows(file)).map((request) => String(request['custom_id']));
    for (const id of ids) expect(id).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(ids[0]).to.equal('plain-1');
    const sent = await world.run(['batch', 'create-from-file', '--file-path', file, '--provider', 'anthropic', '--wait', '--json']); // prettier-ignore
    const { batch } = JSON.parse(sent.stdout) as { batch: { id: string } };
    const join = ['--join', 'rows.csv', '--id-column', 'id', '--output-file', 'joined.jsonl'];
    const joined = await world.run(['batch', 'results', batch.id, '--provider', 'anthropic', ...join]);
    expect(joined.code, joined.stderr).to.equal(0);
    const rows = await world.rows('joined.jsonl');
    expect(rows.slice(0, 4).map((row) => row['input'])).to.deep.equal(ASKED);
    expect(rows.slice(0, 4).map((row) => row['custom_id'])).to.deep.equal(ASKED.map(({ id }) => id));
  });

  for (const format of ['csv', 'tsv', 'jsonl', 'json', 'parquet', 'csv.gz', 'jsonl.gz']) {
    it(`reads ${format} from standard input, whose format is told, also for a sample`, async function () {
      if (process.platform === 'win32') this.skip();
      const told = ['--input-format', format.replace('.gz', '')];
      const flags = ['batch', 'create', ...FLAGS, ...told, '--input', '-', '--output-file'];
      const all = await runInShell(`"$@" < rows.${format}`, [...flags, '-'], world);
      expect(all.code, all.stderr).to.equal(0);
      const named = await create.requests(`rows.${format}`, FLAGS);
      expect(linesOf(all.stdout)).to.deep.equal(named);
      const some = await runInShell(`cat rows.${format} | "$@"`, [...flags, '-', '--sample', '2'], world);
      expect(some.code, some.stderr).to.equal(0);
      const sampled = await create.requests(`rows.${format}`, [...FLAGS, '--sample', '2']);
      expect(linesOf(some.stdout)).to.deep.equal(sampled);
    });
  }

  it('leaves no temporary file behind and does not touch its input', async () => {
    const temporary = join(world.folder, 'tmp');
    await world.write('tmp/.keep', '');
    const before = await readFile(join(world.folder, 'rows.csv'));
    const result = await create.run(
      '-',
      [...FLAGS, '--input-format', 'csv', '--output-file', 'tmp/out.jsonl'],
      {
        input: separated(','),
        env: { TMPDIR: temporary },
      },
    );
    expect(result.code, result.stderr).to.equal(0);
    const left = await runInShell('ls -A tmp', [], world);
    expect(left.stdout.split('\n').filter(Boolean).sort()).to.deep.equal([
      '.keep',
      'out.ids.jsonl',
      'out.jsonl',
    ]);
    const same = await create.run('rows.csv', [...FLAGS, '--output-file', 'rows.csv', '--force']);
    expectFailure(same, { code: 2, says: /rows\.csv is also what is read/ });
    expect((await readFile(join(world.folder, 'rows.csv'))).equals(before)).to.equal(true);
  });
});
