import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { postWebhook, runNotifyCommand } from '../../src/runs/tell/notify.js';
import { asRun, startRunWorld, type RunWorld } from '../support/run-world.js';

interface Hook {
  url: string;
  calls: { headers: IncomingHttpHeaders; body: string }[];
  close: () => Promise<void>;
}

/** Answers calls with these statuses, one after the other; a redirect points back to itself. */
async function startHook(...statuses: number[]): Promise<Hook> {
  const calls: Hook['calls'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      response.writeHead(statuses[calls.length] ?? 200, { location: '/elsewhere' });
      calls.push({ headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    calls,
    close: () => new Promise((resolve) => void (server.close(() => resolve()), server.closeAllConnections())),
  };
}

/** As standardwebhooks.com has it, written anew. */
function isSignedBy(key: string | Buffer, { headers, body }: Hook['calls'][number]): boolean {
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

describe('being told that a run is through', () => {
  const hooks: Hook[] = [];
  const hook = async (...statuses: number[]): Promise<Hook> => {
    const started = await startHook(...statuses);
    hooks.push(started);
    return started;
  };
  after(() => Promise.all(hooks.map((one) => one.close())));

  it('posts the summary, signed with the secret as it is or as base64', async () => {
    const { url, calls } = await hook();
    expect(await postWebhook({ run: 'räume' }, { url, secret: 'secret' })).to.equal(undefined);
    const raw = Buffer.from([0, 1, 2, 253, 254, 255]);
    await postWebhook({ run: 2 }, { url, secret: `whsec_${raw.toString('base64')}` });
    await postWebhook({ run: 3 }, { url });
    const [plain, base64, unsigned] = calls;
    if (!plain || !base64 || !unsigned) return expect.fail('three calls');
    expect(isSignedBy('secret', plain)).to.equal(true);
    expect(isSignedBy('other', plain)).to.equal(false);
    expect(isSignedBy(raw, base64)).to.equal(true);
    expect(unsigned.headers).to.not.have.property('webhook-signature');
    expect(plain.headers['content-type']).to.equal('application/json');
    expect(JSON.parse(plain.body)).to.deep.equal({ run: 'räume' });
  });

  it('tries again with the same id after a failure of the server, and gives up after five', async () => {
    const passing = await hook(500, 429);
    expect(await postWebhook({}, { url: passing.url, secret: 's', pauseMs: 1 })).to.equal(undefined);
    expect(passing.calls).to.have.length(3);
    expect(new Set(passing.calls.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
    for (const call of passing.calls) expect(isSignedBy('s', call)).to.equal(true);
    const broken = await hook(503, 503, 503, 503, 503, 503);
    expect(await postWebhook({}, { url: broken.url, pauseMs: 1 })).to.equal('it answered 503, 5 times');
    expect(broken.calls).to.have.length(5);
  });

  it('does not insist on what is refused, and follows no redirect', async () => {
    for (const status of [400, 302]) {
      const refusing = await hook(status);
      expect(await postWebhook({}, { url: refusing.url, pauseMs: 1 })).to.equal(`it answered ${status}`);
      expect(refusing.calls).to.have.length(1);
    }
  });

  it('says why nobody could be reached, and ends when it is interrupted', async () => {
    const gone = await startHook();
    await gone.close();
    expect(await postWebhook({}, { url: gone.url, pauseMs: 1 })).to.match(/ECONNREFUSED.*, 5 times/);
    const broken = await hook(500);
    const interrupted = postWebhook(
      {},
      { url: broken.url, pauseMs: 60_000, signal: AbortSignal.timeout(100) },
    );
    expect(await interrupted.catch((error: Error) => error.name)).to.equal('AbortError');
  });

  it('says how a command failed, also one that reads nothing', async () => {
    const big = { text: 'x'.repeat(1_000_000) };
    expect(await runNotifyCommand('exit 0', big)).to.equal(undefined);
    expect(await runNotifyCommand('exit 3', big)).to.equal('it ended with exit code 3');
  });

  describe('by batch run', () => {
    let world: RunWorld;
    before(async () => {
      world = await startRunWorld();
    });
    after(() => world.close());

    it('gives the command and the address the same JSON, and neither prints into the answer', async () => {
      const { url, calls } = await hook();
      const env = { INSTRUCTOR_WEBHOOK_SECRET: 'topsecret' };
      const notify = 'cat > told.json; echo said';
      const more = ['--yes', '--json', '--notify', notify, '--webhook', url];
      const { code, stdout, stderr } = await world.begin('told', more, { env });
      expect(code, stderr).to.equal(0);
      const run = asRun(stdout);
      expect(stderr).to.include('said\n');
      expect(asRun(await world.read('told.json'))).to.deep.equal(run);
      expect(asRun(calls[0]?.body ?? '')).to.deep.equal(run);
      expect(calls[0] && isSignedBy('topsecret', calls[0])).to.equal(true);
    });

    it('takes nothing from a run that its messengers failed', async () => {
      const { url } = await hook(400);
      const { code, stderr } = await world.begin('untold', ['--yes', '--notify', 'exit 9', '--webhook', url]);
      expect(code).to.equal(0);
      expect(stderr).to.include('The command of --notify failed: it ended with exit code 9');
      expect(stderr).to.include('The webhook could not be reached: it answered 400');
    });

    it('tells of a run that the provider stopped, too', async () => {
      world.sandbox.setFaults([{ fault: 'insufficient-quota', protocol: 'openai' }]);
      const { code, stderr } = await world.begin('billing', ['--yes', '--notify', 'cat > billing.json']);
      world.sandbox.setFaults([]);
      expect(code, stderr).to.equal(1);
      expect(asRun(await world.read('billing.json')).stopped?.code).to.equal('billing');
      const status = await world.run(['batch', 'run', 'status', 'billing']);
      expect(status.stdout).to.match(/Stopped +.*\(billing\)/);
      const resumed = await world.resume('billing');
      expect(resumed.code, resumed.stderr).to.equal(0);
    });

    it('keeps keys and secrets out of every file of the run', async () => {
      const secrets = {
        OPENAI_API_KEY: 'sandbox-very-secret',
        INSTRUCTOR_WEBHOOK_SECRET: 'hook-very-secret',
      };
      const { url } = await hook();
      const more = ['--yes', '--webhook', url, '--output', 'secret.csv'];
      const { code, stdout, stderr } = await world.begin('secrets', more, { env: secrets });
      expect(code, stderr).to.equal(0);
      const folder = join(world.folder, world.runFile('secrets', ''));
      const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
        entry.isFile(),
      );
      expect(names.length).to.be.at.least(8);
      const texts = await Promise.all(
        names.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')),
      );
      for (const text of [...texts, stdout, stderr, await world.read('secret.csv')])
        expect(text).to.not.include('very-secret');
    });
  });
});
