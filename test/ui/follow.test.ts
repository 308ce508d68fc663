import { ProviderError, type Batch } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { followBatches, type Followed } from '../../src/ui/follow.js';
import { makeBatch, openFake } from '../core/support/fake-provider.js';
import { captured, withoutTerminalSettings } from './support/terminal-of.js';

describe('following batches on a pipe', () => {
  withoutTerminalSettings();

  async function follow(
    looks: Record<string, (Partial<Batch> | ProviderError)[]>,
  ): Promise<{ stderr: string; stdout: string; followed: Followed | undefined }> {
    const session = openFake({
      retrieve: async (id) => {
        const list = looks[id] ?? [];
        const look = list.length > 1 ? list.shift() : list[0];
        if (look instanceof ProviderError) throw look;
        return makeBatch({ id, rawStatus: look?.status, ...look });
      },
    });
    let followed: Followed | undefined;
    const { stderr, stdout } = await captured(async () => {
      const targets = Object.keys(looks).map((id) => ({ id, session }));
      const { signal } = new AbortController();
      followed = await followBatches({ targets, pollSeconds: 0.002, signal });
    });
    return { stderr, stdout, followed };
  }

  it('prints a line for each change, and nothing to standard output', async () => {
    const running = { status: 'processing', requests: { total: 2000, succeeded: 500, failed: 0 } } as const;
    const { stderr, stdout } = await follow({
      a: [
        running,
        running,
        new ProviderError('network', 'cut'),
        { status: 'completed', requests: { total: 2000, succeeded: 2000 } },
      ],
    });
    expect(stderr.split('\n')).to.deep.equal([
      'a  processing  500 of 2,000 (25%)',
      'a  processing  500 of 2,000 (25%)  cut; trying again',
      'a  completed  2,000 of 2,000 (100%)',
      '',
    ]);
    expect(stdout).to.equal('');
  });

  it('shows the reasons of a failed batch with their lines', async () => {
    const problems = [{ message: 'bad \u0007 request', line: 7 }, { message: 'and so on' }];
    const { stderr } = await follow({ a: [{ status: 'failed', problems }] });
    expect(stderr).to.equal('a  failed  line 7: bad \\x07 request  and so on\n');
  });

  for (const [what, ends, exitCode] of [
    ['all have completed', [{ status: 'completed', requests: { failed: 0 } }], 0],
    ['nobody counted failures', [{ status: 'completed' }], 0],
    ['some rows failed', [{ status: 'completed', requests: { failed: 3 } }], 6],
    ['a batch failed', [{ status: 'completed', requests: { failed: 3 } }, { status: 'failed' }], 1],
    ['a batch expired', [{ status: 'expired' }], 1],
    ['a batch was cancelled', [{ status: 'cancelled' }, { status: 'completed' }], 1],
  ] as [string, Partial<Batch>[], number][]) {
    it(`ends with exit code ${exitCode} if ${what}`, async () => {
      const looks = Object.fromEntries(ends.map((end, index) => [`b${index}`, [end]]));
      expect((await follow(looks)).followed?.exitCode).to.equal(exitCode);
    });
  }
});
