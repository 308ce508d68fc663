import type { Fault, SandboxOptions } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { startProxy, type Proxy } from '../support/proxy.js';
import {
  PROVIDERS,
  startFaultWorld,
  type FaultWorld,
  type Job,
  type Told,
} from '../support/run-in-process.js';

describe('runs: faults of rows', () => {
  let world: FaultWorld | undefined;
  let proxy: Proxy | undefined;
  afterEach(async () => {
    await proxy?.close();
    await world?.close();
    world = proxy = undefined;
  });

  async function run(job: Job, faults: Fault[], options?: SandboxOptions): Promise<Told> {
    world = await startFaultWorld(faults, options);
    return await world.run(job);
  }

  const created = (): number => world?.sandbox.created().length ?? 0;
  const notes = (told: Told): string[] => told.log.filter((line) => line.startsWith('Note: '));
  const attempts = (told: Told): unknown[] => told.receipts.map((receipt) => receipt['attempts']);

  for (const provider of PROVIDERS) {
    describe(provider, () => {
      /** The fate of the first two rows, the first `times` that they are asked. */
      const firstTwo = (fate: 'missing' | 'server_error' | 'status_0', times: number): SandboxOptions => {
        const asked = new Map<string, number>();
        return {
          outcome: ({ customId, index }) => {
            const before = asked.get(customId) ?? 0;
            asked.set(customId, before + 1);
            return (before > 0 || index < 2) && before < times && /^t[01]$/.test(customId) ? fate : undefined;
          },
        };
      };

      it('asks rows again that are in no result file', async () => {
        const told = await run({ provider }, [], firstTwo('missing', 1));
        expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 6 }, reasons: [] });
        expect(told.log).to.include.members([
          's0001: 4 answered, 0 failed, $',
          'round 2: asking 2 rows again, in 1 batch',
          's0002: 2 answered, 0 failed, $',
        ]);
        expect(created()).to.equal(2);
      });

      it('does not ask rows for ever that never come, and says that they are missing', async () => {
        const told = await run({ provider, policy: { maxAttempts: 3 } }, [], firstTwo('missing', Infinity));
        expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 4, missing: 2 } });
        expect(told.reasons).to.deep.equal([
          '2 × missing (no_result): The batch ended without any result for this request',
        ]);
        expect(told.log).to.include('round 3: asking 2 rows again, in 1 batch');
        expect(created()).to.equal(3);
        // Nothing was answered, so nothing is on the receipt.
        expect(attempts(told)).to.deep.equal([0, 0, 1, 1, 1, 1]);
        expect(told.report).to.include('| missing | 2 |');
      });

      it('accounts for every row when none comes, once', async () => {
        const told = await run({ provider, policy: { maxAttempts: 1 } }, [{ fault: 'rows-missing' }]);
        expect(told).to.deep.include({ kind: 'finished', counts: { missing: 6 } });
        expect(created()).to.equal(1);
        expect(told.log.join('\n')).not.to.include('round 2');
      });

      it('counts a row once that comes twice, and says so', async () => {
        const told = await run({ provider }, [{ fault: 'rows-twice' }]);
        expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 6 } });
        expect(notes(told)).to.deep.equal([
          'Note: s0001: batch BATCH counts 6 results, but its files hold 12',
          'Note: 6 answers came a second time for the same request; the first one counts',
        ]);
        expect(attempts(told)).to.deep.equal(Array(6).fill(1));
      });

      it('writes rows in the order of the input, in whatever order they come', async () => {
        const told = await run({ provider, rows: 20, limits: { maxRequests: 10 } }, [], { seed: 'shuffled' });
        expect(told.counts).to.deep.equal({ succeeded: 20 });
        expect(told.rows.map(({ custom_id }) => custom_id)).to.deep.equal(
          Array.from({ length: 20 }, (_, row) => `t${row}`),
        );
      });

      it('asks rows again that nobody answered or that failed in passing, as often as may be', async () => {
        const told = await run({ provider, policy: { maxAttempts: 2 } }, [], firstTwo('server_error', 2));
        expect(told.counts).to.deep.equal({ succeeded: 4, errored: 2 });
        expect(told.reasons).to.have.length(1);
        expect(told.reasons[0]).to.match(/^2 × errored \((server_error|api_error)\): /);
        expect(told.log).to.include.members([
          's0001: 4 answered, 2 failed, $',
          's0002: 0 answered, 2 failed, $',
        ]);
        expect(attempts(told)).to.deep.equal([2, 2, 1, 1, 1, 1]);
        expect(created()).to.equal(2);
      });

      it('does not ask again what was refused for good', async () => {
        const told = await run({ provider }, [{ fault: 'rows-errored' }]);
        expect(told.counts).to.deep.equal({ errored: 6 });
        expect(told.reasons).to.deep.equal([
          '6 × errored (invalid_request_error): The sandbox was asked to refuse this request.',
        ]);
        expect(created()).to.equal(1);
      });

      it('asks rows again that were not run in time', async () => {
        const told = await run({ provider }, [{ fault: 'rows-expired', count: 2 }]);
        expect(told.counts).to.deep.equal({ succeeded: 6 });
        expect(told.log).to.include('round 2: asking 2 rows again, in 1 batch');
      });

      it('leaves refusals alone, and tells of them', async () => {
        const told = await run({ provider, policy: { reask: 2 } }, [{ fault: 'rows-refused', count: 2 }]);
        expect(told.counts).to.deep.equal({ succeeded: 4, refused: 2 });
        expect(told.reasons).to.have.length(1);
        expect(told.reasons[0]).to.match(/^2 × refused \(refusal\): /);
        expect(created()).to.equal(1);
      });

      for (const [fault, outcome, why] of [
        [
          'rows-truncated',
          'truncated',
          /\(truncated\): The answer reached the token limit and is cut short$/,
        ],
        ['rows-invalid', 'invalid', /\(schema_mismatch\): label: /],
      ] as const) {
        it(`leaves ${outcome} answers as they are without --reask`, async () => {
          const told = await run({ provider }, [{ fault, count: 2 }]);
          const { [outcome]: bad = 0, succeeded = 0 } = told.counts;
          expect(bad + succeeded).to.equal(6);
          expect(bad).to.be.at.least(1);
          expect(told.reasons[0]).to.match(why);
          expect(created()).to.equal(1);
        });

        it(`asks again after ${outcome} answers with --reask, and no more often than that`, async () => {
          const good = await run({ provider, policy: { reask: 1 } }, [{ fault, count: 2 }]);
          expect(good.counts).to.deep.equal({ succeeded: 6 });
          expect(good.log.join('\n')).to.match(
            /round 2: asking [12] rows? again, [12] with the complaint, in 1 batch/,
          );
          await world?.close();
          const told = await run({ provider, policy: { reask: 1, maxAttempts: 2 } }, [{ fault, rate: 1 }]);
          const { [outcome]: bad = 0, succeeded = 0 } = told.counts;
          expect(bad + succeeded).to.equal(6);
          expect(created()).to.equal(2);
        });
      }

      it('asks rows again whose lines cannot be read, and says which, but not of all of them', async () => {
        const at = await startFaultWorld();
        world = at;
        let downloads = 0;
        proxy = await startProxy(at.sandbox.url, ({ path }) => {
          const isFirst = /\/(content|results)$/.test(path) && ++downloads === 1;
          return isFirst ? { text: '{"this": "is no result"}\nnor this\n'.repeat(4) } : undefined;
        });
        const told = await at.run({ provider, url: proxy.url });
        expect(told.counts).to.deep.equal({ succeeded: 6 });
        expect(told.log).to.include('round 2: asking 6 rows again, in 1 batch');
        expect(notes(told)[0]).to.equal('Note: s0001: batch BATCH counts 6 results, but its files hold 8');
        expect(notes(told)).to.have.length(7);
        expect(notes(told)[1]).to.equal(
          'Note: Line 1 of the output file of BATCH cannot be read: this line has no custom_id',
        );
        expect(notes(told)[6]).to.equal('Note: 8 lines of the result files cannot be read');
      });
    });
  }

  it('asks rows again that OpenAI never got to (status 0)', async () => {
    const told = await run({ provider: 'openai' }, [{ fault: 'rows-status-0', count: 3 }]);
    expect(told.counts).to.deep.equal({ succeeded: 6 });
    expect(told.log).to.include.members([
      's0001: 3 answered, 3 failed, $',
      'round 2: asking 3 rows again, in 1 batch',
    ]);
    await world?.close();
    const never = await run({ provider: 'openai', policy: { maxAttempts: 2 } }, [{ fault: 'rows-status-0' }]);
    expect(never.counts).to.deep.equal({ errored: 6 });
    expect(never.reasons).to.have.length(1);
    expect(created()).to.equal(2);
  });
});
