import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { endedOpenAI } from '../support/batches.js';
import { expectClean, expectFailure } from '../support/expect-failure.js';
import { errorSchema, parseAs } from '../support/json-schemas.js';
import { runInShell } from '../support/shell.js';
import { ask, jsonLines, openaiRequests, startWorld, type World } from '../support/world.js';

describe('failures of usage', () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.close());

  it('a wrong flag, a missing one, a wrong value: exit code 2 and one line', async () => {
    const [wrong, close, missing, value, json, extra] = await Promise.all([
      world.run(['batch', 'list', '--wrong']),
      world.run(['batch', 'list', '--limt', '3']),
      world.run(['batch', 'create-from-file']),
      world.run(['batch', 'list', '--limit', 'many']),
      world.run(['batch', 'list', '--wrong', '--json']),
      world.run(['batch', 'list', 'extra']),
    ]);
    expectFailure(wrong, { code: 2, says: /--wrong/, advises: /--help/ });
    expectFailure(close, { code: 2, says: /--limt/, advises: /Try:/ });
    expectFailure(missing, { code: 2, says: /file-path/, advises: /--help/ });
    expectFailure(value, { code: 2, says: /limit.*(integer|many)/, advises: /--help/ });
    expectFailure(extra, { code: 2, says: /extra/, advises: /Try:/ });
    expect(json.code).to.equal(2);
    expect(parseAs(errorSchema, json.stdout).error).to.include({ code: 'usage', exit_code: 2 });
  });

  it('a wrong command: exit code 2, what was wrong, and what may be meant', async () => {
    const [inTopic, topic, legacy] = await Promise.all([
      world.run(['batch', 'lst']),
      world.run(['bach']),
      world.run(['batch:lst']),
    ]);
    expectFailure(inTopic, { code: 2, says: /batch lst/, advises: /batch list|help batch/ });
    expectFailure(topic, { code: 2, says: /bach/, advises: /batch|help/ });
    expectFailure(legacy, { code: 2, says: /batch[ :]lst/ });
    for (const { stderr } of [inTopic, topic])
      expect(stderr, 'no grammar of a machine').to.not.match(/\ba instructor/);
  });
});

describe('failures of files', () => {
  let world: World;
  let id: string;
  before(async () => {
    world = await startWorld();
    await world.write('messages.jsonl', jsonLines([ask('a')]));
    await world.write('file', 'not a folder');
    await mkdir(join(world.folder, 'folder'));
    id = await endedOpenAI(world, openaiRequests(3));
  });
  after(() => world.close());

  it('an input file that is not there, or is no file: exit code 2', async () => {
    world.sandbox.resetRequests();
    const [create, submit, folder, through, requests] = await Promise.all([
      world.run(['batch', 'create', '--messages-file', 'absent.jsonl']),
      world.run(['batch', 'create-from-file', '--file-path', 'absent.jsonl']),
      world.run(['batch', 'create-from-file', '--file-path', 'folder']),
      world.run(['batch', 'create', '--messages-file', 'file/inside.jsonl']),
      world.run(['batch', 'create', '--messages-file', 'folder']),
    ]);
    expectFailure(create, {
      code: 2,
      says: /Cannot read absent\.jsonl: there is no such file/,
      advises: /Try:/,
    });
    expectFailure(submit, {
      code: 2,
      says: /Cannot read absent\.jsonl: there is no such file/,
      advises: /Try:/,
    });
    expectFailure(folder, { code: 2, says: /folder: it is a folder/, advises: /Try:/ });
    expectFailure(through, { code: 2, says: /a part of the path is not a folder/, advises: /Try:/ });
    expectFailure(requests, { code: 2, says: /it is a folder/, advises: /Try:/ });
    expect(world.sandbox.requests).to.deep.equal([]);
    expect(await world.files()).to.deep.equal(['file', 'folder', 'messages.jsonl']);
  });

  it('an output file that cannot be written: exit code 2, before anything is fetched', async () => {
    world.sandbox.resetRequests();
    const results = await Promise.all([
      world.run(['batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', 'file/out.jsonl']),
      world.run([
        'batch',
        'create',
        '--messages-file',
        'messages.jsonl',
        '--output-file',
        'absent/out.jsonl',
      ]),
      world.run(['batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', 'folder']),
      world.run(['batch', 'results', id, '--output-file', 'absent/out.jsonl']),
      world.run(['batch', 'results', id, '--output-file', 'folder', '--force']),
    ]);
    const download = await world.run([
      'batch',
      'download-file',
      id,
      '--download-file-path',
      'file/out.jsonl',
    ]);
    for (const result of [...results, download]) {
      expectFailure(result, { code: 2, says: /Cannot write (file|absent|folder)/, advises: /Try:/ });
    }
    expect(world.sandbox.requests.filter(({ path }) => path.endsWith('/content'))).to.deep.equal([]);
    expect(await world.files()).to.deep.equal(['file', 'folder', 'messages.jsonl']);
  });

  it('the file that is read is not replaced by the one that is written, even with --force', async () => {
    const before = await world.read('messages.jsonl');
    const result = await world.run([
      'batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', './messages.jsonl', '--force',
    ]); // prettier-ignore
    expectFailure(result, { code: 2, says: /messages\.jsonl/ });
    expect(await world.read('messages.jsonl')).to.equal(before);
  });

  it('a folder that is read-only: exit code 2', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) this.skip();
    await mkdir(join(world.folder, 'sealed'));
    await chmod(join(world.folder, 'sealed'), 0o555);
    const result = await world.run(['batch', 'results', id, '--output-file', 'sealed/out.jsonl']);
    expectFailure(result, {
      code: 2,
      says: /Cannot write sealed\/out\.jsonl: permission denied/,
      advises: /Try:/,
    });
  });

  it('a full disk behind standard output: exit code 1', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const [results, list, json] = await Promise.all([
      runInShell('"$@" > /dev/full', ['batch', 'results', id, '--output-file', '-'], world),
      runInShell('"$@" > /dev/full', ['batch', 'list'], world),
      runInShell('"$@" > /dev/full', ['batch', 'get', id, '--json'], world),
    ]);
    for (const result of [results, list, json]) {
      expectClean(result);
      expect(result.code, result.stderr).to.equal(1);
      expect(result.stderr).to.match(/^Error: .*(disk is full|no space)/im);
    }
  });

  it('a full disk under the output file: exit code 1, and nothing is left behind', async function () {
    const mount = join(world.folder, 'tiny');
    await mkdir(mount, { recursive: true });
    if (
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount], { stdio: 'ignore' }).status !== 0
    )
      this.skip();
    try {
      await world.write(
        'many.jsonl',
        jsonLines(Array.from({ length: 800 }, (_, at) => ask(`question ${at} ${'x'.repeat(200)}`))),
      );
      const create = await world.run([
        'batch',
        'create',
        '--messages-file',
        'many.jsonl',
        '--output-file',
        'tiny/out.jsonl',
      ]);
      expectFailure(create, {
        code: 1,
        says: /Cannot write tiny\/out\.jsonl: the disk is full/,
        advises: /Free some space/,
      });
      expect(await readdir(mount)).to.deep.equal([]);
    } finally {
      spawnSync('umount', [mount], { stdio: 'ignore' });
    }
  });

  it('bytes that are no UTF-8, and UTF-16: exit code 1 with the line', async () => {
    await world.write(
      'latin.jsonl',
      Buffer.concat([Buffer.from(jsonLines([ask('a')])), Buffer.from([0x22, 0xe9, 0x22, 0x0a])]),
    );
    await world.write('utf16.jsonl', Buffer.from(`\uFEFF${jsonLines([ask('a')])}`, 'utf16le'));
    const [latin, utf16] = await Promise.all([
      world.run(['batch', 'create', '--messages-file', 'latin.jsonl', '--output-file', 'never.jsonl']),
      world.run(['batch', 'create-from-file', '--file-path', 'utf16.jsonl']),
    ]);
    expectFailure(latin, { code: 1, says: /latin\.jsonl, line 2: not valid UTF-8/, advises: /UTF-8/ });
    expectFailure(utf16, { code: 1, says: /utf16\.jsonl is in UTF-16/, advises: /UTF-8/ });
    expect(await world.files()).to.not.include('never.jsonl');
  });

  it('output that nobody reads any more: no error, no stack', async () => {
    const many = await endedOpenAI(world, openaiRequests(3000));
    const script = '{ "$@"; echo "exit $?" >&2; } | head -1';
    const [list, help, results, get] = await Promise.all([
      runInShell(script, ['batch', 'list'], world),
      runInShell(script, ['batch', '--help'], world),
      runInShell(script, ['batch', 'results', many, '--output-file', '-'], world),
      runInShell(script, ['batch', 'get', many, '--json'], world),
    ]);
    for (const result of [list, help, results, get]) {
      expectClean(result);
      expect(result.stderr).to.match(/^exit (0|141)$/m);
      expect(result.stderr).to.not.match(/EPIPE|Error/);
      expect(result.stdout.split('\n')).to.have.length(2);
    }
  });
});
