import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseFaultFlag, readFaults, startSandbox } from '../../src/index.js';
import { look, withFaults } from '../support/faults.js';
import { closeSandboxes, openSandbox, type Json } from '../support/sandbox.js';

const problem = (read: () => unknown): string => {
  try {
    read();
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('the control of faults', () => {
  afterEach(closeSandboxes);

  it('lists, adds, replaces and clears them while it runs', async () => {
    const sandbox = await withFaults({ fault: 'rate-limit', count: 1 });
    const control = async (method: string, body?: unknown) => {
      const { status, text } = await look(sandbox, '/sandbox/faults', {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return [status, JSON.parse(text) as Json];
    };
    await look(sandbox, '/v1/batches');
    expect(await control('GET')).to.deep.equal([
      200,
      { faults: [{ fault: 'rate-limit', count: 1, seen: 1, hits: 1 }] },
    ]);
    const [, added] = await control('POST', { fault: 'bad-gateway' });
    expect(added.faults.map((one: Json) => one.fault)).to.deep.equal(['rate-limit', 'bad-gateway']);
    expect((await look(sandbox, '/v1/batches')).status).to.equal(502);
    const [, replaced] = await control('PUT', { faults: [{ fault: 'server-error', rate: 0.5 }] });
    expect(replaced.faults).to.deep.equal([{ fault: 'server-error', rate: 0.5, seen: 0, hits: 0 }]);
    expect(await control('DELETE')).to.deep.equal([200, { faults: [] }]);
    expect(await control('PUT', [{ fault: 'rate-limit', rate: 2 }])).to.deep.equal([
      400,
      { error: 'faults[0].rate has to be a number from 0 to 1, not 2.' },
    ]);
    expect((await look(sandbox, '/v1/batches')).status).to.equal(200);
    expect((await look(sandbox, '/sandbox/release', { method: 'POST', body: '{"id":1}' })).status).to.equal(
      400,
    );
  });

  it('strikes the same calls for the same seed', async () => {
    const statuses = async (seed: number) => {
      const sandbox = await openSandbox({ seed, faults: [{ fault: 'server-error', rate: 0.4 }] });
      const seen = [];
      for (let number = 0; number < 20; number++) seen.push((await look(sandbox, '/v1/batches')).status);
      return seen;
    };
    const first = await statuses(1);
    expect(new Set(first)).to.deep.equal(new Set([200, 500]));
    expect(await statuses(1)).to.deep.equal(first);
    expect(await statuses(2)).to.not.deep.equal(first);
  });

  it('counts on after a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-data-'));
    const faults = [{ fault: 'rate-limit', count: 2 }] as const;
    const first = await startSandbox({ dataDir, faults });
    expect((await look(first, '/v1/batches')).status).to.equal(429);
    await first.close();
    const second = await startSandbox({ dataDir, faults });
    expect((await look(second, '/v1/batches')).status).to.equal(429);
    expect((await look(second, '/v1/batches')).status).to.equal(200);
    second.setFaults([{ fault: 'bad-gateway' }]);
    await second.close();
    const third = await startSandbox({ dataDir });
    expect((await look(third, '/v1/batches')).status).to.equal(502);
    await third.close();
    rmSync(dataDir, { recursive: true });
  });
});

describe('the description of a fault', () => {
  it('fits into a word', () => {
    expect(parseFaultFlag('create-lost')).to.deep.equal({ fault: 'create-lost' });
    expect(parseFaultFlag('create-lost:0.2')).to.deep.equal({ fault: 'create-lost', rate: 0.2 });
    expect(parseFaultFlag('create-lost=0.2')).to.deep.equal({ fault: 'create-lost', rate: 0.2 });
    expect(parseFaultFlag('rate-limit:n=3,retry-after=1,op=create+upload,path=/v1/*')).to.deep.equal({
      fault: 'rate-limit',
      count: 3,
      retryAfter: 1,
      operation: ['create', 'upload'],
      path: '/v1/*',
    });
  });

  const wrong: [text: string, words: string][] = [
    ['no-such', '"no-such" is no known fault. There are latency, rate-limit'],
    ['latency', 'latency.ms is missing.'],
    ['latency:ms=soon', 'latency.ms has to be a number of at least 0, not "soon".'],
    ['rows-missing:op=create', 'rows-missing takes no operation. It takes rate, count, after, protocol.'],
    ['rate-limit:op=creat', 'operation has to be one or more of upload, list-files'],
    ['rate-limit:1.5', 'rate has to be a number from 0 to 1, not 1.5.'],
    ['rate-limit:n=1.5', 'count has to be a whole number of at least 0, not 1.5.'],
    ['rate-limit:n=1,count=2', 'count is given twice'],
    ['rate-limit:protocol=gemini', 'protocol has to be openai or anthropic, not "gemini".'],
    ['queue-full:as=gone', 'as has to be failed or refused, not "gone".'],
    ['validation-failed:protocol=anthropic', 'validation-failed is known to openai only.'],
  ];
  for (const [text, words] of wrong) {
    it(`says what is wrong with ${text}`, () => {
      expect(problem(() => parseFaultFlag(text))).to.contain(words);
    });
  }

  it('is a list, a document or one alone', () => {
    const fault = { fault: 'rate-limit' };
    for (const form of [fault, [fault], { faults: [fault] }]) expect(readFaults(form)).to.deep.equal([fault]);
    expect(problem(() => readFaults('all'))).to.equal('Expected a list of faults.');
    expect(problem(() => readFaults([1]))).to.equal('faults[0] has to be an object.');
    expect(problem(() => readFaults({ faults: [], seed: 1 }))).to.equal('seed is not known beside faults.');
  });
});
