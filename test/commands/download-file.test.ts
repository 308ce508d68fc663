import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  anthropicResults,
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  openaiFile,
  seedOpenAI,
} from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { downloadSchema, parseAs } from '../support/json-schemas.js';
import { anthropicRequests, NEVER, openaiRequests, startWorld, type World } from '../support/world.js';

describe('batch download-file', () => {
  let world: World;
  let id: string;
  let files: { input: Buffer; output: Buffer; errors: Buffer };

  before(async () => {
    world = await startWorld({ outcome: ({ index }) => (index === 0 ? 'errored' : undefined) });
    id = await endedOpenAI(world, openaiRequests(3));
    const batch = await openaiBatch(world, id);
    const [input, output, errors] = await Promise.all(
      ['input_file_id', 'output_file_id', 'error_file_id'].map((key) =>
        openaiFile(world, String(batch[key])),
      ),
    );
    files = { input: input as Buffer, output: output as Buffer, errors: errors as Buffer };
  });
  after(() => world.close());

  const download = async (path: string, ...flags: string[]) =>
    await world.run(['batch', 'download-file', '--batch-id', id, '--download-file-path', path, ...flags]);
  const bytes = async (name: string): Promise<Buffer> => await readFile(join(world.folder, name));

  it('gives the raw bytes of the output file, on both providers', async () => {
    const message = await endedAnthropic(world, anthropicRequests(3));
    const [openai, anthropic, stdout, argument] = await Promise.all([
      download('out.jsonl'),
      world.run([
        'batch:download-file',
        '--batch-id',
        message,
        '--download-file-path',
        'message.jsonl',
        '--provider',
        'anthropic',
      ]),
      download('-'),
      world.run(['batch', 'download-file', id, '--download-file-path', 'arg.jsonl']),
    ]);
    expect(openai.code, openai.stderr).to.equal(0);
    expect(openai.stdout).to.equal('out.jsonl\n');
    expect(openai.stderr).to.match(/output file: /);
    expect((await bytes('out.jsonl')).equals(files.output)).to.equal(true);
    expect(anthropic.code, anthropic.stderr).to.equal(0);
    expect((await bytes('message.jsonl')).equals(await anthropicResults(world, message))).to.equal(true);
    expect(stdout.stdout).to.equal(files.output.toString('utf8'));
    expect(argument.code, argument.stderr).to.equal(0);
  });

  it('downloads the files that --which names, several beside each other', async () => {
    const [errors, all, json] = await Promise.all([
      download('only-errors.jsonl', '--which', 'errors'),
      download('deep.name.jsonl', '--which', 'output,errors,input'),
      download('json.jsonl', '--which', 'input, output', '--json'),
    ]);
    expect(errors.code, errors.stderr).to.equal(0);
    expect((await bytes('only-errors.jsonl')).equals(files.errors)).to.equal(true);
    expect(all.stdout).to.equal('deep.name.output.jsonl\ndeep.name.errors.jsonl\ndeep.name.input.jsonl\n');
    expect((await bytes('deep.name.output.jsonl')).equals(files.output)).to.equal(true);
    expect((await bytes('deep.name.errors.jsonl')).equals(files.errors)).to.equal(true);
    expect((await bytes('deep.name.input.jsonl')).equals(files.input)).to.equal(true);
    expect(parseAs(downloadSchema, json.stdout)).to.deep.equal({
      id,
      provider: 'openai',
      files: [
        { kind: 'input', path: 'json.input.jsonl', bytes: files.input.length },
        { kind: 'output', path: 'json.output.jsonl', bytes: files.output.length },
      ],
    });
  });

  it('names files apart whenever several were asked for, and says which are not there', async () => {
    const clean = await startWorld();
    try {
      const good = await endedOpenAI(clean, openaiRequests(1));
      const [some, none] = await Promise.all([
        clean.run([
          'batch',
          'download-file',
          good,
          '--download-file-path',
          'some.jsonl',
          '--which',
          'output,errors',
        ]),
        clean.run([
          'batch',
          'download-file',
          good,
          '--download-file-path',
          'none.jsonl',
          '--which',
          'errors',
        ]),
      ]);
      expect(some.code, some.stderr).to.equal(0);
      expect(some.stdout).to.equal('some.output.jsonl\n');
      expect(some.stderr).to.match(/no errors? file/);
      expectFailure(none, { code: 5, says: /has no errors? file/, advises: /input, output/ });
    } finally {
      await clean.close();
    }
  });

  it('replaces a file only with --force', async () => {
    await world.write('precious.jsonl', 'precious');
    const refused = await download('precious.jsonl');
    expectFailure(refused, { code: 2, says: /precious\.jsonl exists already/, advises: /--force/ });
    expect(await world.read('precious.jsonl')).to.equal('precious');
    const forced = await download('precious.jsonl', '--force');
    expect(forced.code, forced.stderr).to.equal(0);
    expect((await bytes('precious.jsonl')).equals(files.output)).to.equal(true);
  });

  it('ends with exit code 5 while there is no such file yet', async () => {
    const running = await startWorld({ timing: NEVER });
    try {
      const [early = ''] = await seedOpenAI(running, openaiRequests(1));
      const result = await running.run([
        'batch',
        'download-file',
        early,
        '--download-file-path',
        'never.jsonl',
      ]);
      expectFailure(result, { code: 5, says: /has no output file/, advises: /Try:/ });
      expect(await running.files()).to.deep.equal([]);
    } finally {
      await running.close();
    }
  });

  it('refuses what it cannot do', async () => {
    const [kind, stdout, json, missing] = await Promise.all([
      download('never.jsonl', '--which', 'output,everything'),
      download('-', '--which', 'output,errors'),
      download('-', '--json'),
      world.run(['batch', 'download-file', id]),
    ]);
    expectFailure(kind, { code: 2, says: /everything/, advises: /output, errors, input/ });
    expectFailure(stdout, { code: 2, says: /standard output/, advises: /--which/ });
    expect(json.code).to.equal(2);
    expectFailure(missing, { code: 2, says: /download-file-path/ });
  });
});
