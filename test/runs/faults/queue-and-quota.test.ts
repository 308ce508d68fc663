import type { Fault, SandboxOptions } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { startRunWorld, type RunWorld } from '../../support/run-world.js';
import { AT_ONCE, NEVER } from '../../support/world.js';
import { startProxy } from '../support/proxy.js';
import {
  PROVIDERS,
  startFaultWorld,
  type FaultWorld,
  type Job,
  type Told,
} from '../support/run-in-process.js';

/** Batches take long enough for others to be sent meanwhile. */
const A_WHILE = { timing: { ...AT_ONCE, inProgressMs: 120 } };

const UNPAID = {
  openai: 'You exceeded your current quota, please check your plan and billing details.',
  anthropic: 'Your credit balance is too low to access the Anthropic API.',
};

describe('runs: full queues, and money', () => {
  let world: FaultWorld | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  async function run(job: Job, faults: Fault[], options?: SandboxOptions): Promise<Told> {
    world = await startFaultWorld(faults, options);
    return await world.run(job);
  }

  const lines = (told: Told, pattern: RegExp): string[] => told.log.filter((line) => pattern.test(line));
  const failed = (): number =>
    world?.sandbox.created().filter(({ status }) => status === 'failed').length ?? 0;

  for (const as of ['failed', 'refused'] as const) {
    describe(`a limit on tokens, told by ${as === 'failed' ? 'a failed batch' : 'a refusal'}`, () => {
      const openai = { provider: 'openai', tokens: true, rows: 12, limits: { maxRequests: 3 } } as const;

      it('is waited for while batches of the run are in flight, and nothing is cut', async () => {
        const told = await run(openai, [{ fault: 'queue-full', tokens: 800, as }], A_WHILE);
        expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 12 }, reasons: [] });
        expect(lines(told, /limit of the provider/)).to.deep.equal([
          'limit of the provider: 800 tokens at the same time',
        ]);
        const told1 =
          as === 'failed' ? /was not run: Enqueued token limit reached for/ : /not taken: Enqueued/;
        expect(lines(told, told1)).not.to.deep.equal([]);
        expect(lines(told, /cut into/)).to.deep.equal([]);
        expect(lines(told, /answered/)).to.have.length(4);
      });

      it('halves a batch that is too large by itself, and answers every row', async () => {
        const told = await run({ ...openai, rows: 8, limits: { maxRequests: 8 } }, [
          { fault: 'queue-full', tokens: 400, as },
        ]);
        expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 8 }, reasons: [] });
        expect(lines(told, /^s0001: cut into/)[0]).to.match(
          /^s0001: cut into s0002 and s0003: Enqueued token limit reached .*Limit: 400 enqueued tokens/,
        );
        const sizes = told.run.state.in('collected').map(({ requests }) => requests);
        expect(sizes.reduce((sum, size) => sum + size)).to.equal(8);
        expect(Math.max(...sizes)).to.be.at.most(4);
        // What failed was not paid for, and its file was used again rather than sent again.
        expect(world?.sandbox.stats().filesUploaded).to.equal(told.run.state.shards.size);
      });

      it('is kept for the run, and by the process that goes on with it', async () => {
        const interrupted = new AbortController();
        const job: Job = {
          ...openai,
          signal: interrupted.signal,
          onLine: (line) => {
            if (line.startsWith('limit of the provider')) interrupted.abort(new Error('Ctrl-C'));
          },
        };
        const first = await run(job, [{ fault: 'queue-full', tokens: 20, as }]).catch(
          (error: Error) => error,
        );
        expect((first as Error).message).to.include('Ctrl-C');
        const before = failed() + (world?.sandbox.requests.filter(isCreation).length ?? 0);
        world?.sandbox.setFaults([]);
        const told = await world!.resume(openai);
        expect(told.run.state.limitTokens).to.equal(20);
        expect(told.counts).to.deep.equal({ succeeded: 12 });
        // By its own count a row has 15 tokens: no two go at the same time.
        expect(lines(told, /it alone is more than may wait/)).not.to.deep.equal([]);
        expect(told.run.state.in('collected').map(({ requests }) => requests)).to.deep.equal(
          Array(12).fill(1),
        );
        expect(before).to.be.at.least(1);
      });
    });
  }

  it('gives up a row that alone is more than may wait, and says why it is missing', async () => {
    const told = await run({ provider: 'openai', tokens: true, rows: 2 }, [
      { fault: 'queue-full', tokens: 5 },
    ]);
    expect(told).to.deep.include({ kind: 'finished', counts: { missing: 2 } });
    expect(told.reasons).to.have.length(1);
    expect(told.reasons[0]).to.match(
      /^2 × missing \(not_answered\): Enqueued token limit reached .* Limit: 5 /,
    );
    expect(lines(told, /given up/)[0]).to.match(/^s000\d: given up: Enqueued token limit reached/);
    expect(told.report).to.include('| missing | 2 |');
    expect(failed()).to.equal(world?.sandbox.created().length);
  });

  it('waits, and cuts nothing, when others fill a queue in which it would fit', async () => {
    const told = await run(
      { provider: 'openai', tokens: true },
      // Eight refusals in a row, while nothing of the run itself is in flight.
      [{ fault: 'queue-full', tokens: 100_000, as: 'refused', count: 8 }],
    );
    expect(told.counts).to.deep.equal({ succeeded: 6 });
    expect(lines(told, /cut into|given up/)).to.deep.equal([]);
  });

  it("understands Anthropic's queue: waits for its own batches, and for those of others", async () => {
    const told = await run(
      { provider: 'anthropic', rows: 12, limits: { maxRequests: 3 } },
      [{ fault: 'queue-full', requests: 7 }],
      A_WHILE,
    );
    expect(told.counts).to.deep.equal({ succeeded: 12 });
    expect(lines(told, /limit of the provider/)).to.have.length.at.most(1);
    const refused = lines(told, /not taken/);
    expect(refused[0]).to.match(/^s0003: not taken: .*limit of 7 batch requests in the processing queue\./);
    expect(lines(told, /cut into/)).to.deep.equal([]);
    // Each later shard at most once: there is room only after a batch has ended.
    expect(refused.length).to.be.at.most(2);
  });

  it("halves what is more than Anthropic's queue takes", async () => {
    const told = await run({ provider: 'anthropic' }, [{ fault: 'queue-full', requests: 4 }]);
    expect(told.counts).to.deep.equal({ succeeded: 6 });
    expect(lines(told, /cut into/)[0]).to.match(
      /^s0001: cut into s0002 and s0003: This request would exceed/,
    );
    expect(told.run.state.in('collected').map(({ requests }) => requests)).to.deep.equal([3, 3]);
  });

  for (const provider of PROVIDERS) {
    it(`stops when the money is at an end, and goes on later (${provider})`, async () => {
      const job = { provider, limits: { maxRequests: 3 } };
      const told = await run(job, [{ fault: 'insufficient-quota', after: 1 }]);
      expect(told.kind).to.equal('stopped');
      expect(told.stopped).to.match(new RegExp(`^billing: ${UNPAID[provider]}`));
      // Not tried again.
      expect(lines(told, /^s0002: sending/)).to.have.length(1);
      expect(lines(told, /^s0002: not taken: You/)).to.have.length(1);
      expect(world?.sandbox.created()).to.have.length(1);
      world?.sandbox.setFaults([]);
      const again = await world!.resume(job);
      expect(again).to.deep.include({ kind: 'finished', counts: { succeeded: 6 } });
      expect(world?.sandbox.created()).to.have.length(2);
      expect(world?.sandbox.stats().filesUploaded).to.equal(provider === 'openai' ? 2 : 0);
    });
  }

  it('ends at once on a billing refusal, even while batches run', async () => {
    const told = await run(
      { provider: 'anthropic', limits: { maxRequests: 3 } },
      [{ fault: 'insufficient-quota', after: 1 }],
      { timing: { ...AT_ONCE, inProgressMs: 60_000 } },
    );
    expect(told.stopped).to.match(/^billing: /);
    expect(told.run.state.in('running')).to.have.length(1);
  });

  it('sends nothing again when a batch fails for want of money', async () => {
    const at = await startFaultWorld([], { timing: NEVER });
    world = at;
    const proxy = await startProxy(at.sandbox.url, ({ method, path, json }) => {
      if (method !== 'GET' || !/\/batches\/\w+$/.test(path)) return undefined;
      at.foreign.add(String(json?.['id']));
      const message = 'Billing hard limit has been reached';
      const errors = { object: 'list', data: [{ code: 'billing_hard_limit_reached', message }] };
      return { json: { ...json, status: 'failed', errors } };
    });
    try {
      const told = await at.run({ provider: 'openai', url: proxy.url });
      expect(told.stopped).to.equal('billing: Billing hard limit has been reached');
      expect(told.log.at(-1)).to.equal('s0001: batch BATCH was not run: Billing hard limit has been reached');
      expect(at.sandbox.created()).to.have.length(1);
    } finally {
      await proxy.close();
    }
  });

  it('does not guess at --max-cost where the price is unknown', async () => {
    const job: Job = { provider: 'openai', model: 'new-model', tokens: true, policy: { maxCostUsd: 5 } };
    const refusal = await run(job, []).catch((error: Error) => error);
    expect((refusal as Error).message).to.match(/^--max-cost cannot be kept: the price of new-model, /);
    expect(world?.sandbox.created()).to.deep.equal([]);
  });

  it('stops before the batch that may pass --max-cost, whatever failed before, and tells of every row', async () => {
    const most = 0.00017;
    const told = await run(
      { provider: 'openai', tokens: true, limits: { maxRequests: 1 }, policy: { maxCostUsd: most } },
      [
        { fault: 'create-lost', rate: 0.5 },
        { fault: 'server-error', rate: 0.1 },
      ],
    );
    expect(told.stopped).to.match(/^budget: The next shard may cost up to \$, and \$ of \$ are spent$/);
    const { succeeded = 0, missing = 0 } = told.counts;
    expect(succeeded).to.be.at.least(1);
    expect(succeeded + missing).to.equal(6);
    expect(told.run.state.spentUsd).to.be.at.most(most);
    expect(told.reasons.join('\n')).to.match(/× missing \(not_sent\): Not sent: The next shard may cost/);
    expect(told.rows).to.have.length(6);
    expect(told.report).to.include('(budget)');
    const again = await world!.resume({
      provider: 'openai',
      tokens: true,
      change: (before) => ({ ...before, policy: { ...before.policy, maxCostUsd: 1 } }),
    });
    expect(again).to.deep.include({ kind: 'finished', counts: { succeeded: 6 } });
    expect(world?.sandbox.created()).to.have.length(6);
  });

  for (const provider of PROVIDERS) {
    it(`a canary that comes back badly stops the run before the rest is sent (${provider})`, async () => {
      const job: Job = { provider, rows: 8, policy: { canary: 3 } };
      const told = await run(job, [{ fault: 'rows-failed' }, { fault: 'create-lost', count: 1 }]);
      expect(told.stopped).to.match(
        /^canary: 3 of 3 rows of the canary failed, more than 10 %\. Most often: .+ \(t0\)$/,
      );
      expect(told.counts).to.deep.equal({ errored: 3, missing: 5 });
      expect(world?.sandbox.created()).to.have.length(1);
    });

    it(`a canary passes though the queue, the list and the downloads misbehave (${provider})`, async () => {
      const told = await run({ provider, rows: 8, policy: { canary: 3 } }, [
        { fault: 'create-lost', count: 1 },
        { fault: 'queue-full', count: 1 },
        { fault: 'bad-gateway', operation: ['retrieve', 'file-content', 'results'], count: 2 },
      ]);
      expect(told.log).to.include('canary: 3 of 3 rows of the canary have a good answer');
      expect(told.counts).to.deep.equal({ succeeded: 8 });
    });
  }

  describe('with the real program', () => {
    let real: RunWorld;
    afterEach(() => real.close());

    it('pays nothing twice when the answer to a creation is lost', async () => {
      real = await startRunWorld({ faults: [{ fault: 'create-lost', count: 1 }] });
      const { code, stderr } = await real.begin('lost', ['--yes', '--output', 'out.csv']);
      expect(code, stderr).to.equal(0);
      expect(stderr).to.match(/s0001: the answer was lost \(.+\); looking whether there is a batch\n/);
      expect(stderr).to.match(/s0001: is batch batch_\w+, recognised by its metadata\n/);
      expect(stderr).to.include('6 rows: 6 succeeded');
      expect(real.sandbox.created()).to.have.length(1);
    });

    it('stops without money, says how to go on, and goes on when there is some', async () => {
      real = await startRunWorld({ faults: [{ fault: 'insufficient-quota', after: 1 }] });
      const first = await real.begin('poor', ['--yes', '--max-requests', '3', '--output', 'out.csv']);
      expect(first.code, first.stderr).to.equal(1);
      expect(first.stderr).to.include(
        'The run stopped (billing). To go on: instructor batch run --resume .instructor/runs/poor',
      );
      expect(first.stderr).to.include(UNPAID.openai);
      expect(first.stderr).to.include('Check the plan, the credit and the limits of the account at OpenAI');
      expect(first.stdout).to.equal('');
      const still = await real.resume('poor');
      expect(still.code, still.stderr).to.equal(1);
      real.sandbox.setFaults([]);
      const last = await real.resume('poor');
      expect(last.code, last.stderr).to.equal(0);
      expect(last.stdout).to.equal('out.csv\n');
      expect(last.stderr).to.include('6 rows: 6 succeeded');
      expect(await real.read('out.csv')).to.have.string('t5');
      const created = real.sandbox.created();
      expect(created).to.have.length(2);
      expect(new Set(created.map(({ requestsSha256 }) => requestsSha256)).size).to.equal(2);
    });
  });
});

function isCreation({ method, path }: { method: string; path: string }): boolean {
  return method === 'POST' && path.endsWith('/batches');
}
