import { setImmediate as turn } from 'node:timers/promises';
import { ProviderError, type BatchProvider } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { BatchWatcher, type Look } from '../../src/core/look-at-batches.js';
import { thrownBy } from '../support/failure-of.js';
import { fakeProvider, makeBatch } from './support/fake-provider.js';

interface Service {
  provider: BatchProvider;
  /** The ids that were asked for one by one. */
  asked: string[];
  /** How many batches each call of the list gave. */
  pages: number[];
  /** Whether each call of the list was ended, by its end or from outside. */
  ended: boolean[];
}

/** A service that knows every id, and lists some of them, the newest first. */
function serviceWith(
  listed: readonly (string | Error)[],
  retrieve?: (id: string) => Promise<void> | void,
): Service {
  const service: Service = {
    asked: [],
    pages: [],
    ended: [],
    provider: fakeProvider({
      retrieve: async (id) => {
        service.asked.push(id);
        await retrieve?.(id);
        return makeBatch({ id, rawStatus: 'asked for' });
      },
      async *list() {
        const call = service.pages.push(0) - 1;
        service.ended.push(false);
        try {
          for (const id of listed) {
            if (id instanceof Error) throw id;
            service.pages[call]! += 1;
            yield makeBatch({ id, rawStatus: 'listed' });
          }
        } finally {
          service.ended[call] = true;
        }
      },
    }),
  };
  return service;
}

const many = (prefix: string, count: number): string[] =>
  [...Array(count).keys()].map((number) => `${prefix}${number}`);

/** What was found out about each id, in one word or the message of the error. */
function told(looks: Map<string, Look>): Record<string, string> {
  return Object.fromEntries(
    [...looks].map(([id, look]) => {
      if ('error' in look) return [id, (look.error as Error).message];
      expect(look.batch.id).to.equal(id);
      return [id, look.batch.rawStatus];
    }),
  );
}

const all = (ids: readonly string[], what: string): Record<string, string> =>
  Object.fromEntries(ids.map((id) => [id, what]));

describe('looking at batches', () => {
  for (const count of [1, 2, 3]) {
    it(`asks for each of ${count} by itself`, async () => {
      const ids = many('a', count);
      const { provider, asked, pages } = serviceWith(ids);
      expect(told(await new BatchWatcher(provider, true).look(ids))).to.deep.equal(all(ids, 'asked for'));
      expect(asked).to.deep.equal(ids);
      expect(pages).to.deep.equal([]);
    });
  }

  for (const count of [4, 25]) {
    it(`looks into the list for ${count}, and asks for none of them`, async () => {
      const ids = many('a', count);
      const { provider, asked, pages } = serviceWith([...ids].reverse());
      const watcher = new BatchWatcher(provider, true);
      expect(told(await watcher.look(ids))).to.deep.equal(all(ids, 'listed'));
      expect(told(await watcher.look(ids))).to.deep.equal(all(ids, 'listed'));
      expect(asked).to.deep.equal([]);
      expect(pages).to.deep.equal([count, count]);
    });
  }

  it('looks at nothing for nothing', async () => {
    const { provider, asked, pages } = serviceWith(['x']);
    expect((await new BatchWatcher(provider, true).look([])).size).to.equal(0);
    expect([...asked, ...pages]).to.deep.equal([]);
  });

  it('reads the list no further than the last one that is wanted', async () => {
    const { provider, pages, ended } = serviceWith(['x', 'a0', 'y', 'a1', 'a2', 'a3', ...many('older', 100)]);
    await new BatchWatcher(provider, true).look(many('a', 4));
    expect(pages).to.deep.equal([6]);
    expect(ended).to.deep.equal([true]);
  });

  it('asks for what the list does not have, and from then on always', async () => {
    const ids = [...many('a', 4), 'gone0', 'gone1'];
    const { provider, asked, pages } = serviceWith(many('a', 4));
    const watcher = new BatchWatcher(provider, true);
    const expected = { ...all(many('a', 4), 'listed'), gone0: 'asked for', gone1: 'asked for' };
    expect(told(await watcher.look(ids))).to.deep.equal(expected);
    expect(told(await watcher.look(ids))).to.deep.equal(expected);
    expect(asked).to.deep.equal(['gone0', 'gone1', 'gone0', 'gone1']);
    expect(pages).to.deep.equal([4, 4]);
  });

  it('does not look into the list any more for too few of which it has all', async () => {
    const ids = [...many('a', 3), 'gone'];
    const { provider, pages, asked } = serviceWith(many('a', 3));
    const watcher = new BatchWatcher(provider, true);
    await watcher.look(ids);
    await watcher.look(ids);
    expect(pages).to.deep.equal([3]);
    expect(asked).to.deep.equal(['gone', ...ids]);
  });

  it('finds what lies behind ten others for each that is wanted', async () => {
    const ids = many('a', 4);
    const { provider, asked } = serviceWith([...many('other', 40), ...ids]);
    expect(told(await new BatchWatcher(provider, true).look(ids))).to.deep.equal(all(ids, 'listed'));
    expect(asked).to.deep.equal([]);
  });

  it('gives up a list with more others than that', async () => {
    const ids = many('a', 4);
    const { provider, asked, pages, ended } = serviceWith(['a0', ...many('other', 500), 'a1', 'a2', 'a3']);
    const watcher = new BatchWatcher(provider, true);
    expect(told(await watcher.look(ids))).to.deep.equal({
      ...all(ids, 'asked for'),
      a0: 'listed',
    });
    expect(asked).to.deep.equal(['a1', 'a2', 'a3']);
    expect(pages).to.deep.equal([42]);
    expect(ended).to.deep.equal([true]);
  });

  it('never lists the batches of a service that cannot', async () => {
    const ids = many('a', 12);
    const { provider, asked, pages } = serviceWith(ids);
    expect(told(await new BatchWatcher(provider, false).look(ids))).to.deep.equal(all(ids, 'asked for'));
    expect(asked).to.deep.equal(ids);
    expect(pages).to.deep.equal([]);
  });

  it('passes the interruption on to every call', async () => {
    const signals: unknown[] = [];
    const provider = fakeProvider({
      retrieve: async (id, options) => {
        signals.push(options?.signal);
        return makeBatch({ id });
      },
      // eslint-disable-next-line require-yield -- nothing is in it
      async *list(options) {
        signals.push(options?.signal);
      },
    });
    const { signal } = new AbortController();
    await new BatchWatcher(provider, true).look(many('a', 4), signal);
    expect(signals).to.deep.equal(Array(5).fill(signal));
  });
});

describe('a list of batches that fails', () => {
  it('fails each that was not in it yet, without asking for them', async () => {
    const ids = many('a', 5);
    const { provider, asked } = serviceWith(['a1', 'x', 'a3', new ProviderError('rate_limited', 'slow')]);
    const looks = await new BatchWatcher(provider, true).look(ids);
    expect(told(looks)).to.deep.equal({ a0: 'slow', a1: 'listed', a2: 'slow', a3: 'listed', a4: 'slow' });
    expect(asked).to.deep.equal([]);
  });

  it('is looked into again the next time', async () => {
    const ids = many('a', 4);
    const listed: (string | Error)[] = [new ProviderError('unavailable', 'later')];
    const { provider, asked } = serviceWith(listed);
    const watcher = new BatchWatcher(provider, true);
    expect(told(await watcher.look(ids))).to.deep.equal(all(ids, 'later'));
    listed.splice(0, 1, ...ids);
    expect(told(await watcher.look(ids))).to.deep.equal(all(ids, 'listed'));
    expect(asked).to.deep.equal([]);
  });

  it('ends the look with an error that is not the service’s', async () => {
    const failure = new Error('a bug');
    const { provider, asked } = serviceWith(['a0', failure]);
    const error = await thrownBy(() => new BatchWatcher(provider, true).look(many('a', 4)));
    expect(error).to.equal(failure);
    expect(asked).to.deep.equal([]);
  });
});

describe('asking for batches one by one', () => {
  it('gives the error of each to whom it belongs', async () => {
    const bug = new Error('a bug');
    const { provider } = serviceWith([], (id) => {
      if (id === 'a1') throw new ProviderError('not_found', 'no such batch');
      if (id === 'a2') throw bug;
    });
    const looks = await new BatchWatcher(provider, true).look(many('a', 3));
    expect(told(looks)).to.deep.equal({ a0: 'asked for', a1: 'no such batch', a2: 'a bug' });
    expect(looks.get('a2')).to.deep.equal({ error: bug });
  });

  it('makes ten calls at the same time and no more', async () => {
    let atOnce = 0;
    let most = 0;
    const { provider, asked } = serviceWith([], async () => {
      most = Math.max(most, (atOnce += 1));
      await turn();
      atOnce -= 1;
    });
    const ids = many('a', 34);
    expect(told(await new BatchWatcher(provider, true).look(ids))).to.deep.equal(all(ids, 'asked for'));
    expect(asked).to.deep.equal(ids);
    expect(most).to.equal(10);
  });
});
