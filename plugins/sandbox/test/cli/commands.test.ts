import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Json } from '../support/sandbox.js';

/** A host of this plugin alone: the sandbox is the root, and its declarations are given on the way in. */
const HOST = `
import { Config, run, flush, handle } from '@oclif/core';
const root = ${JSON.stringify(fileURLToPath(new URL('../../', import.meta.url)))};
const config = await Config.load({ root });
const [plugin] = config.getPluginsList();
plugin.pjson.instructor = { contract: 1, providers: [
  { id: 'o', protocol: 'openai', credentials: ['O_KEY', 'O_OTHER'], baseUrlEnv: 'O_URL' },
  { id: 'a', protocol: 'anthropic', credentials: ['A_KEY'], baseUrlEnv: 'A_URL' },
  { id: 'broken' }, null,
] };
await run(process.argv.slice(1), config).then(() => flush()).catch(handle);
`;

const children = new Set<ChildProcess>();

function start(words: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOST, '--', ...words], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, ended };
}

async function firstLines(
  process: ReturnType<typeof start>,
  done: (stdout: string) => boolean,
): Promise<string> {
  while (!done(process.output.stdout)) await once(process.child.stdout, 'data');
  return process.output.stdout;
}

describe('the sandbox commands', function () {
  this.slow(4000);

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });

  it('start prints what to set, serves, and stops when asked to', async () => {
    const process = start(['sandbox', 'start']);
    const stdout = await firstLines(process, (text) => text.split('\n').length > 5);
    const url = /^# The sandbox listens on (http:\S+)$/m.exec(stdout)?.[1];
    expect(stdout.split('\n').slice(1, -1)).to.deep.equal([
      `export O_URL=${url}/v1`,
      'export O_KEY=sandbox-key',
      `export A_URL=${url}`,
      'export A_KEY=sandbox-key',
    ]);
    const answer = await fetch(`${url}/v1/batches`, { headers: { authorization: 'Bearer sandbox-key' } });
    expect(answer.status).to.equal(200);
    process.child.kill('SIGINT');
    expect((await process.ended).code).to.equal(0);
  });

  it('start --json prints one document', async () => {
    const process = start(['sandbox', 'start', '--json', '--speed', '50']);
    const document = JSON.parse(await firstLines(process, (text) => text.endsWith('\n'))) as Json;
    expect(document.env).to.include({ O_URL: `${document.url}/v1`, A_URL: document.url });
    process.child.kill('SIGTERM');
    expect((await process.ended).code).to.equal(0);
  });

  it('exec hands words and environment to the command as they are', async () => {
    const script =
      'console.log(JSON.stringify([process.argv.slice(1), process.env.O_URL, process.env.O_OTHER ?? null]))';
    const words = ['two words', '--seed', '--help', '--', '$HOME', ''];
    const { code, stdout, stderr } = await start(
      ['sandbox', 'exec', '--seed', '9', '--', process.execPath, '-e', script, '--', ...words],
      { O_OTHER: 'a real key' },
    ).ended;
    expect([code, stderr]).to.deep.equal([0, '']);
    const [seen, url, other] = JSON.parse(stdout) as [string[], string, string | null];
    expect(seen).to.deep.equal(words);
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(other).to.equal(null);
  });

  it('exec ends as the command ends', async () => {
    const exec = (...words: string[]) => start(['sandbox', 'exec', '--', ...words]).ended;
    const [failed, killed, lost] = await Promise.all([
      exec(process.execPath, '-e', 'process.exit(7)'),
      exec(process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")'),
      exec('no-such-command-anywhere'),
    ]);
    expect([failed.code, failed.stderr]).to.deep.equal([7, '']);
    expect(killed.code).to.equal(137);
    expect(lost.code).to.equal(127);
    expect(lost.stderr).to.contain('Command not found: no-such-command-anywhere');
  });

  it('exec passes signals on', async () => {
    const script =
      'process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); console.log("ready")';
    const process_ = start(['sandbox', 'exec', '--', process.execPath, '-e', script]);
    await firstLines(process_, (text) => text.includes('ready'));
    process_.child.kill('SIGTERM');
    expect((await process_.ended).code).to.equal(3);
  });

  it('exec without a command, or with wrong flags, is wrong usage', async () => {
    const results = await Promise.all([
      start(['sandbox', 'exec']).ended,
      start(['sandbox', 'exec', 'npm', 'test']).ended,
      start(['sandbox', 'exec', '--error-rate', '2', '--', 'true']).ended,
    ]);
    expect(results.map(({ code }) => code)).to.deep.equal([2, 2, 2]);
    expect(results[0].stderr).to.contain('after --');
    expect(results[2].stderr).to.contain('0 to 1');
  });

  it('take faults by flag and by file, a folder and an upstream', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-cli-'));
    try {
      const file = join(folder, 'faults.json');
      writeFileSync(file, '{"faults":[{"fault":"rate-limit","count":1}]}');
      const script = `
        const { origin } = new URL(process.env.O_URL);
        fetch(origin + '/sandbox/faults').then((answer) => answer.text()).then(console.log);`;
      const words = ['--faults', file, '--fault', 'create-lost:0.2', '--fault', 'latency:ms=1,op=list'];
      const exec = (...flags: string[]) =>
        start(['sandbox', 'exec', ...flags, '--', process.execPath, '-e', script]).ended;
      const { code, stdout, stderr } = await exec(
        ...words,
        '--data-dir',
        join(folder, 'data'),
        '--upstream',
        'http://127.0.0.1:9/v1',
      );
      expect([code, stderr]).to.deep.equal([0, '']);
      expect((JSON.parse(stdout) as Json).faults).to.deep.equal([
        { fault: 'rate-limit', count: 1, seen: 0, hits: 0 },
        { fault: 'create-lost', rate: 0.2, seen: 0, hits: 0 },
        { fault: 'latency', ms: 1, operation: ['list'], seen: 0, hits: 0 },
      ]);
      expect(existsSync(join(folder, 'data', 'sandbox-journal.jsonl'))).to.equal(true);
      expect(existsSync(join(folder, 'data', 'sandbox.lock'))).to.equal(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('say what is wrong with faults and upstreams', async () => {
    const wrong: [flags: string[], words: string][] = [
      [['--fault', 'rate-limit:2'], 'rate-limit.rate has to be a number from 0 to 1, not 2.'],
      [['--faults', '/no/such/file'], '/no/such/file: ENOENT'],
      [['--upstream', 'ftp://x'], 'Expected an http or https URL'],
      [['--upstream', 'http://x', '--upstream-key-env', 'NO_SUCH_KEY'], 'NO_SUCH_KEY is not set'],
      [['--upstream-model', 'm'], '--upstream'],
    ];
    const seen = await Promise.all(
      wrong.map(([flags]) => start(['sandbox', 'exec', ...flags, '--', 'true']).ended),
    );
    for (const [index, [, words]] of wrong.entries()) {
      expect(seen[index]!.code, words).to.equal(2);
      expect(seen[index]!.stderr.replace(/\s+(?:›\s+)?/g, ' ')).to.contain(words);
    }
  });
});
