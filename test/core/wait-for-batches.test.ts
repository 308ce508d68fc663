import { ProviderError, type Batch, type BatchProvider } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { waitForBatches, type WaitUpdate } from '../../src/core/wait-for-batches.js';
import { failureOf, providerFailureOf, thrownBy } from '../support/failure-of.js';
import { makeBatch, openFake } from './support/fake-provider.js';

type Look = Partial<Batch> | ProviderError;

/** Looks at batches by id: each look gives the next thing on its list, and the last one again and again. */
function looking(lists: Record<string, Look[]>): { retrieve: BatchProvider['retrieve']; looks: string[] } {
  const looks: string[] = [];
  return {
    looks,
    retrieve: async (id) => {
      const list = lists[id] ?? [];
      const look = list[Math.min(looks.filter((other) => other === id).length, list.length - 1)] ?? {};
      looks.push(id);
      if (look instanceof ProviderError) throw look;
      return makeBatch({ id, ...look });
    },
  };
}

const running: Look = { status: 'processing' };
const done: Look = { status: 'completed' };
const pollSeconds = 0.005;

function targetsOf(retrieve: BatchProvider['retrieve'], ...ids: string[]) {
  const session = openFake({ retrieve });
  return ids.map((id) => ({ id, session }));
}

describe('waiting for batches', () => {
  it('gives them in the order asked for, when all have ended', async () => {
    const { retrieve } = looking({ a: [running, running, running, done], b: [{ status: 'failed' }] });
    const batches = await waitForBatches({
      targets: targetsOf(retrieve, 'a', 'b'),
      pollSeconds,
      onUpdate: () => undefined,
    });
    expect(batches.map(({ id, status }) => `${id} ${status}`)).to.deep.equal(['a completed', 'b failed']);
  });

  it('tells of every look', async () => {
    const { retrieve } = looking({ a: [{ status: 'pending' }, running, done] });
    const updates: WaitUpdate[] = [];
    const targets = targetsOf(retrieve, 'a');
    await waitForBatches({ targets, pollSeconds, onUpdate: (update) => updates.push(update) });
    expect(updates.map(({ batch }) => batch?.status)).to.deep.equal(['pending', 'processing', 'completed']);
    expect(updates.every(({ target }) => target === targets[0])).to.equal(true);
  });

  for (const code of ['network', 'unavailable', 'rate_limited'] as const) {
    it(`goes on after a failure that passes: ${code}`, async () => {
      const { retrieve } = looking({ a: [new ProviderError(code, 'later'), running, done] });
      const updates: WaitUpdate[] = [];
      await waitForBatches({
        targets: targetsOf(retrieve, 'a'),
        pollSeconds,
        onUpdate: (update) => updates.push(update),
      });
      expect(updates.map(({ problem }) => problem?.message)).to.deep.equal(['later', undefined, undefined]);
    });
  }

  for (const code of ['not_found', 'authentication', 'quota_exceeded'] as const) {
    it(`ends with a failure that lasts: ${code}`, async () => {
      const { retrieve } = looking({ a: [running, new ProviderError(code, 'no')] });
      const failure = await providerFailureOf(() =>
        waitForBatches({ targets: targetsOf(retrieve, 'a'), pollSeconds, onUpdate: () => undefined }),
      );
      expect(failure.code).to.equal(code);
    });
  }

  it('waits for the others when one cannot be waited for, then fails with its error', async () => {
    const { retrieve } = looking({ a: [running, running, done], b: [new ProviderError('not_found', 'no')] });
    const updates: WaitUpdate[] = [];
    const failure = await providerFailureOf(() =>
      waitForBatches({
        targets: targetsOf(retrieve, 'a', 'b'),
        pollSeconds,
        onUpdate: (update) => updates.push(update),
      }),
    );
    expect(failure.code).to.equal('not_found');
    expect(updates.filter(({ lasting }) => lasting).map(({ target }) => target.id)).to.deep.equal(['b']);
    expect(updates.at(-1)?.batch?.status).to.equal('completed');
  });

  it('pauses as the provider wishes, but not less than it would by itself', async () => {
    const pauses = await pausesOf([
      { ...running, pollAfterSeconds: 7 },
      { ...running, pollAfterSeconds: 0 },
      done,
    ]);
    expect(pauses).to.deep.equal([7000, 1500]);
  });

  it('pauses as long as a limit of the provider asks for', async () => {
    const limited = new ProviderError('rate_limited', 'slow', { retryAfterSeconds: 9 });
    expect(await pausesOf([limited, done])).to.deep.equal([9000]);
  });

  it('pauses ever longer, up to a minute', async () => {
    const pauses = await pausesOf([...Array<Look>(14).fill(running), done]);
    expect(pauses.slice(0, 3)).to.deep.equal([1000, 1500, 2250]);
    expect(pauses.slice(-2)).to.deep.equal([60_000, 60_000]);
  });

  it('pauses as asked for, whatever the provider wishes', async () => {
    expect(await pausesOf([{ ...running, pollAfterSeconds: 60 }, running, done], 3)).to.deep.equal([
      3000, 3000,
    ]);
  });

  it('does not fall into a hurry over a wish that no timer can hold', async () => {
    const pauses = await pausesOf([{ ...running, pollAfterSeconds: 1e9 }, done]);
    expect(pauses).to.deep.equal([86_400_000]);
  });

  it('ends at once when it is interrupted', async () => {
    const { retrieve } = looking({ a: [running] });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    const error = await thrownBy(() =>
      waitForBatches({
        targets: targetsOf(retrieve, 'a'),
        pollSeconds: 3600,
        onUpdate: () => undefined,
        signal: controller.signal,
      }),
    );
    expect(error).to.have.property('name', 'AbortError');
  });

  it('needs a key', async () => {
    const session = openFake({}, { credentials: ['FAKE_KEY'] });
    const failure = await failureOf(() =>
      waitForBatches({ targets: [{ id: 'a', session }], onUpdate: () => undefined }),
    );
    expect(failure.kind).to.equal('credentials');
  });
});

/** The pauses in milliseconds, without waiting for them: timers of a second and more fire at once. */
async function pausesOf(list: Look[], pollSeconds?: number): Promise<number[]> {
  const pauses: number[] = [];
  const { default: timers } = await import('node:timers/promises');
  const { syncBuiltinESMExports } = await import('node:module');
  const real = timers.setTimeout;
  timers.setTimeout = (async (delay: number) => void pauses.push(delay)) as typeof real;
  syncBuiltinESMExports();
  try {
    const { retrieve } = looking({ a: list });
    await waitForBatches({ targets: targetsOf(retrieve, 'a'), pollSeconds, onUpdate: () => undefined });
  } finally {
    timers.setTimeout = real;
    syncBuiltinESMExports();
  }
  return pauses;
}
