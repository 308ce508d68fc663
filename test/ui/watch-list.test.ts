import { ProviderError, type Batch } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import type { ListedBatches } from '../../src/core/list-everywhere.js';
import { watchList, type WatchListOptions } from '../../src/ui/watch-list.js';
import { declare, makeBatch } from '../core/support/fake-provider.js';
import { captured, withoutTerminalSettings } from './support/terminal-of.js';

type Look = Partial<Batch> | ProviderError | ListedBatches[];

describe('watching the list on a pipe', () => {
  withoutTerminalSettings();

  /** Looks as often as told, then Ctrl-C. */
  async function watch(looks: Look[], rest: Partial<WatchListOptions> = {}): ReturnType<typeof captured> {
    const controller = new AbortController();
    let at = 0;
    return await captured(() =>
      watchList({
        load: async () => {
          const look = looks[at++];
          if (look === undefined) {
            controller.abort();
            controller.signal.throwIfAborted();
          }
          if (look instanceof ProviderError) throw look;
          if (Array.isArray(look)) return look;
          return [{ provider: declare(), batches: [makeBatch(look)] }];
        },
        render: { merged: false, limit: 5 },
        pollSeconds: 0.002,
        screen: false,
        signal: controller.signal,
        ...rest,
      }),
    );
  }

  it('prints a block for each change only', async () => {
    const running = { status: 'processing', times: { started: new Date(Date.now() - 60_000) } } as const;
    const { stdout, thrown } = await watch([
      running,
      running,
      { status: 'completed' },
      { status: 'completed' },
    ]);
    expect(stdout.match(/Fake Batch Jobs/g)).to.have.length(2);
    expect(stdout.indexOf('processing')).to.be.lessThan(stdout.indexOf('completed'));
    expect(thrown).to.have.property('name', 'AbortError');
  });

  it('does not take the running time for a change', async () => {
    // Within one minute, so that the time of the start looks the same.
    const minute = Math.floor(Date.now() / 60_000 - 2) * 60_000;
    const since = (second: number): Look => ({
      status: 'processing',
      times: { started: new Date(minute + second * 1000) },
    });
    const { stdout } = await watch([since(0), since(20), since(40), since(59)]);
    expect(stdout.match(/Fake Batch Jobs/g)).to.have.length(1);
  });

  it('goes on after a failure that passes, and says so', async () => {
    const { stdout, stderr } = await watch([
      new ProviderError('network', 'cut \u001B[2J'),
      { status: 'completed' },
    ]);
    expect(stderr).to.contain('Warning: cut \\x1b[2J — trying again');
    expect(stdout).to.contain('completed');
  });

  it('ends with a failure that lasts', async () => {
    const { thrown } = await watch([{}, new ProviderError('authentication', 'no')]);
    expect(thrown).to.have.property('code', 'authentication');
  });

  it('says once which provider is left out', async () => {
    const lists: ListedBatches[] = [
      { provider: declare(), batches: [makeBatch()] },
      { provider: declare({ id: 'b' }), batches: [], problem: 'B was left out: no key' },
    ];
    const { stderr } = await watch([lists, lists, lists], { render: { merged: true, limit: 5 } });
    expect(stderr).to.equal('Warning: B was left out: no key\n');
  });

  it('prints JSON Lines if wanted', async () => {
    const toJson = (lists: ListedBatches[]): unknown =>
      lists.map(({ batches }) => batches.map(({ status }) => status));
    const { stdout } = await watch([{ status: 'pending' }, { status: 'completed' }], { toJson });
    expect(stdout).to.equal('[["pending"]]\n[["completed"]]\n');
  });
});
