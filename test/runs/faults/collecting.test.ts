import type { Fault, SandboxOptions } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { AT_ONCE, NEVER } from '../../support/world.js';
import { startProxy, type Passing, type Proxy } from '../support/proxy.js';
import {
  goesWell,
  PROVIDERS,
  startFaultWorld,
  type FaultWorld,
  type Job,
  type Told,
} from '../support/run-in-process.js';

const PLANNED = 'planned: 6 requests in 1 batch';
const NAME = { openai: 'OpenAI', anthropic: 'Anthropic' };
const DOWNLOADS: Fault['operation'] = ['file-content', 'results'];
const BATCHES = { openai: '/v1/batches', anthropic: '/v1/messages/batches' };

describe('runs: faults while batches are watched and collected', () => {
  let world: FaultWorld | undefined;
  let proxy: Proxy | undefined;
  afterEach(async () => {
    await proxy?.close();
    await world?.close();
    world = proxy = undefined;
  });

  async function run(job: Job, faults: Fault[] = [], options?: SandboxOptions): Promise<Told> {
    world = await startFaultWorld(faults, options);
    return await world.run(job);
  }

  /** A run whose service says something else than the sandbox does. */
  async function runBehind(
    job: Job,
    change: Parameters<typeof startProxy>[1],
    options?: SandboxOptions,
  ): Promise<Told> {
    world = await startFaultWorld([], options);
    proxy = await startProxy(world.sandbox.url, change);
    return await world.run({ ...job, url: proxy.url });
  }

  const expectAll = (told: Told): void => {
    expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 6 }, reasons: [] });
  };
  const notes = (told: Told): string[] => told.log.filter((line) => line.startsWith('Note: '));

  for (const provider of PROVIDERS) {
    describe(provider, () => {
      const isLook = ({ method, path }: Passing): boolean =>
        method === 'GET' && new RegExp(`^${BATCHES[provider]}/[^/]+$`).test(path);

      it('sits out that it cannot look at a batch', async () => {
        const told = await run({ provider }, [
          { fault: 'server-error', operation: 'retrieve', count: 3 },
          { fault: 'bad-gateway', operation: 'retrieve', count: 1 },
          { fault: 'cut-answer', operation: 'retrieve', count: 1 },
        ]);
        expectAll(told);
        const said = notes(told);
        expect(said).to.have.length(5);
        for (const note of said) expect(note).to.match(/; trying again in 0\.[01] s$/);
        expect(said[3]).to.include(`${NAME[provider]} answered 502 with a web page instead of data`);
      });

      it('goes on where a download was cut', async () => {
        const told = await run({ provider }, [{ fault: 'truncated', count: 1 }]);
        expectAll(told);
        expect(notes(told)).to.have.length(1);
        expect(notes(told)[0]).to.match(/^Note: The connection was cut; going on at byte [1-9]\d+$/);
      });

      it('begins anew where a cut download cannot be gone on with', async () => {
        const told = await run({ provider }, [{ fault: 'truncated', count: 1 }, { fault: 'no-ranges' }]);
        expectAll(told);
        expect(notes(told)).to.deep.equal(['Note: The connection was cut; going on at byte 0']);
      });

      it('downloads again what the service failed to give', async () => {
        const told = await run({ provider }, [
          { fault: 'server-error', operation: DOWNLOADS, count: 1 },
          { fault: 'rate-limit', operation: DOWNLOADS, count: 1, retryAfter: 0 },
        ]);
        expectAll(told);
        expect(notes(told)).to.have.length(2);
        expect(told.log.at(provider === 'openai' ? -2 : -1)).to.equal('s0001: 6 answered, 0 failed, $');
      });

      it('takes a trickle as it comes', async () => {
        const told = await run({ provider }, [{ fault: 'slow', bytesPerSecond: 30_000 }]);
        expect(told.log).to.deep.equal([PLANNED, 's0001: sending', ...goesWell(provider)]);
      });

      it('waits for a batch that stays in its last state, until it goes', async () => {
        world = await startFaultWorld([{ fault: 'stuck-finalizing' }]);
        const { sandbox } = world;
        setTimeout(() => sandbox.release(), 200);
        const told = await world.run({ provider });
        expect(told.log).to.deep.equal([PLANNED, 's0001: sending', ...goesWell(provider)]);
      });

      it('watches batches that the list does not show yet', async () => {
        // More than four are looked up in the list.
        const told = await run({ provider, limits: { maxRequests: 1 } }, [
          { fault: 'stale-list', ms: 600_000 },
        ]);
        expectAll(told);
        expect(notes(told)).to.deep.equal([]);
        expect(world?.sandbox.created()).to.have.length(6);
      });

      it('says when a completed batch has no results, and asks its rows again', async () => {
        const told = await run({ provider }, [{ fault: 'null-output', count: 1 }]);
        expectAll(told);
        expect(told.log.slice(3, 8)).to.deep.equal([
          's0001: batch BATCH is completed',
          'Note: s0001: batch BATCH counts 6 results, but its files hold 0',
          's0001: 0 answered, 0 failed, $',
          'round 2: asking 6 rows again, in 1 batch',
          's0002: sending',
        ]);
        expect(world?.sandbox.created()).to.have.length(2);
      });

      it('says when counts disagree with the files, and believes the files', async () => {
        const by = provider === 'openai' ? 2 : -3;
        const told = await run({ provider }, [{ fault: 'counts-off', by }]);
        expectAll(told);
        expect(notes(told)).to.deep.equal([
          `Note: s0001: batch BATCH counts ${6 + by} results, but its files hold 6`,
        ]);
      });

      it('asks again what a batch that expired left unanswered, and nothing else', async () => {
        const told = await run({ provider }, [{ fault: 'expired', count: 1 }]);
        expectAll(told);
        expect(told.log).to.include.members([
          's0001: batch BATCH is expired',
          's0001: 3 answered, 3 failed, $',
          'round 2: asking 3 rows again, in 1 batch',
          's0002: 3 answered, 0 failed, $',
        ]);
        expect(told.receipts.map(({ attempts }) => attempts)).to.have.members([1, 1, 1, 2, 2, 2]);
      });

      it('leaves rows expired that expired as often as may be', async () => {
        const told = await run({ provider, policy: { maxAttempts: 2 } }, [{ fault: 'expired', answered: 0 }]);
        expect(told).to.deep.include({ kind: 'finished', counts: { expired: 6 } });
        expect(told.reasons).to.have.length(1);
        expect(told.reasons[0]).to.match(/^6 × expired \(\w+\): .*expired/);
        expect(world?.sandbox.created()).to.have.length(2);
      });

      it('does not give a batch up that is not found for a moment', async () => {
        let looks = 0;
        const told = await runBehind({ provider }, (passing) =>
          isLook(passing) && ++looks <= 2 ? gone() : undefined,
        );
        expectAll(told);
        expect(notes(told)).to.deep.equal([
          `Note: ${NAME[provider]} does not find batch BATCH; looking for it a little longer`,
        ]);
      });

      it('says that a batch is gone, and does not pay for its rows again', async () => {
        const told = await runBehind({ provider, settleMs: 60 }, (passing) =>
          isLook(passing) ? gone() : undefined,
        );
        expect(told).to.deep.include({ kind: 'finished', counts: { missing: 6 } });
        expect(told.reasons).to.deep.equal([
          `6 × missing (not_answered): Batch BATCH is gone at ${NAME[provider]}`,
        ]);
        expect(told.log).to.include(`s0001: Batch BATCH is gone at ${NAME[provider]}`);
        expect(world?.sandbox.created()).to.have.length(1);
      });

      it('says that results are gone, and does not pay for its rows again', async () => {
        const told = await runBehind({ provider }, ({ path }) =>
          /\/(content|results)$/.test(path) ? gone() : undefined,
        );
        expect(told).to.deep.include({ kind: 'finished', counts: { missing: 6 } });
        expect(told.reasons).to.have.length(1);
        expect(told.reasons[0]).to.match(
          /^6 × missing \(not_answered\): The results of batch BATCH are gone: /,
        );
        expect(world?.sandbox.created()).to.have.length(1);
      });

      it('says that somebody else cancelled a batch, and accounts for its rows', async () => {
        const at = await startFaultWorld([{ fault: 'stuck-finalizing', count: 1 }], { timing: NEVER });
        world = at;
        const told = await at.run({
          provider,
          policy: { maxAttempts: 1 },
          onLine: (line) => {
            const id = /^s0001: is batch (\w+)$/.exec(line)?.[1];
            if (id === undefined) return;
            const cancelled = at.call('POST', `${BATCHES[provider]}/${id}/cancel`);
            void cancelled.then(() => at.sandbox.release());
          },
        });
        expect(notes(told)[0]).to.equal('Note: Batch BATCH was cancelled, and not by this run');
        expect(told.log).to.include('s0001: batch BATCH is cancelled');
        const { cancelled = 0, missing = 0 } = told.counts;
        expect(cancelled + missing).to.equal(6);
      });

      it('keeps looking at a batch whose state it does not know, and says so once', async () => {
        let looks = 0;
        const told = await runBehind({ provider }, (passing) => {
          if (!isLook(passing) || ++looks > 4) return undefined;
          return { json: { ...passing.json, status: 'levitating', processing_status: 'levitating' } };
        });
        expectAll(told);
        expect(notes(told)).to.deep.equal([
          `Note: ${NAME[provider]} says that batch BATCH is "levitating", a state that is not known here; still looking at it`,
        ]);
      });

      it('sits out answers that are nonsense', async () => {
        const nonsense: unknown[] = [[], 'no', null, { error: 'what?' }, {}];
        const told = await runBehind({ provider }, (passing) =>
          isLook(passing) && nonsense.length > 0 ? { json: nonsense.shift() } : undefined,
        );
        expectAll(told);
        expect(notes(told)).to.have.length(5);
        for (const note of notes(told))
          expect(note).to.include('something that is not a batch; trying again in');
      });

      it('stops when the key is refused meanwhile, and goes on with what is there', async () => {
        let looks = 0;
        const job: Job = { provider };
        const told = await runBehind(job, (passing) =>
          isLook(passing) && ++looks === 1
            ? { status: 401, json: { error: { message: 'No such key' } } }
            : undefined,
        );
        expect(told.stopped).to.equal('credentials: No such key');
        const again = await world!.resume(job);
        expectAll(again);
        expect(world?.sandbox.created()).to.have.length(1);
      });

      it('asks what is left at the deadline outside of batches, whatever fails on the way', async () => {
        const deadline = new Date(Date.now() + 300).toISOString();
        const told = await run(
          { provider, policy: { deadline, deadlineConcurrency: 2 } },
          [
            { fault: 'server-error', operation: 'cancel', count: 1 },
            { fault: 'rate-limit', operation: 'direct', count: 3, retryAfter: 0 },
            { fault: 'bad-gateway', operation: 'direct', count: 1 },
            { fault: 'cut-before', operation: 'direct', count: 1 },
          ],
          { timing: NEVER },
        );
        expectAll(told);
        expect(told.log).to.include.members([
          'the deadline has come: what is still waiting is asked outside of batches',
          's0001: cancelling batch BATCH: the deadline',
          's0001: batch BATCH is cancelled',
          'asking 6 rows outside of batches',
          'asked outside of batches: 6 answered, 0 failed, $',
        ]);
        expect(notes(told).filter((note) => note.includes('; asking again in'))).to.have.length(5);
        // What the run itself cancelled is not told as if somebody else had.
        expect(notes(told).join('\n')).not.to.include('not by this run');
        expect(told.rows.map(({ batch_id }) => batch_id ?? 'direct')).to.include('direct');
      });

      it('stops without money after the deadline too, and asks only the rest later', async () => {
        const deadline = new Date(Date.now() + 100).toISOString();
        const job: Job = { provider, policy: { deadline, deadlineConcurrency: 1 } };
        const told = await run(job, [{ fault: 'insufficient-quota', operation: 'direct', after: 2 }], {
          timing: NEVER,
        });
        expect(told.stopped).to.match(/^billing: /);
        const asked = (): number =>
          world?.sandbox.requests.filter(({ path }) => /(completions|\/messages)$/.test(path)).length ?? 0;
        const before = asked();
        world?.sandbox.setFaults([]);
        const again = await world!.resume(job);
        expectAll(again);
        expect(before).to.equal(3);
        expect(asked() - before).to.equal(4);
      });
    });
  }

  describe('a batch that fails its validation', () => {
    it('goes on without the rows that are named, and says why they have no answer', async () => {
      const told = await run({ provider: 'openai' }, [{ fault: 'validation-failed', lines: 2, count: 1 }]);
      expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 4, missing: 2 } });
      expect(told.reasons).to.deep.equal([
        '2 × missing (refused_line): The sandbox was asked to refuse this line.',
      ]);
      expect(told.log.slice(2)).to.deep.equal([
        's0001: is batch BATCH',
        's0001: batch BATCH is failed',
        's0001: 2 rows refused by the provider and left out',
        's0001: the other rows go on as s0002: line 1: The sandbox was asked to refuse this line. (and 1 more)',
        's0002: sending',
        's0002: is batch BATCH',
        's0002: batch BATCH is completed',
        's0002: 4 answered, 0 failed, $',
        'removed the request file FILE from the provider',
        'removed the request file FILE from the provider',
      ]);
      const outcomes = told.rows.map(({ outcome }) => outcome);
      expect(outcomes.slice(0, 3)).to.deep.equal(['missing', 'missing', 'succeeded']);
    });

    it('stops the run when all rows are refused: it is not the rows then', async () => {
      const told = await run({ provider: 'openai' }, [{ fault: 'validation-failed', lines: 6 }]);
      expect(told.stopped).to.equal(
        'refused: Batch BATCH failed: line 1: The sandbox was asked to refuse this line. (and 5 more)',
      );
      world?.sandbox.setFaults([]);
      expectAll(await world!.resume({ provider: 'openai' }));
    });
  });

  it('takes up a run that was interrupted while it downloaded', async () => {
    const interrupted = new AbortController();
    world = await startFaultWorld([{ fault: 'truncated', count: 1 }], { timing: AT_ONCE });
    const first = await world
      .run({
        provider: 'openai',
        signal: interrupted.signal,
        onLine: (line) => {
          if (line.includes('The connection was cut')) interrupted.abort(new Error('Ctrl-C'));
        },
      })
      .catch((error: Error) => error);
    expect((first as Error).message).to.include('Ctrl-C');
    expectAll(await world.resume({ provider: 'openai' }));
    expect(world.sandbox.created()).to.have.length(1);
  });
});

function gone(): { status: number; json: unknown } {
  return { status: 404, json: { error: { type: 'not_found_error', message: 'There is no such thing' } } };
}
