import { ProviderError, type Batch, type ListOptions } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { listBatches, type ListBatchesOptions } from '../../src/core/list-batches.js';
import { listEverywhere } from '../../src/core/list-everywhere.js';
import type { ProviderSession } from '../../src/core/session.js';
import { failureOf, providerFailureOf, thrownBy } from '../support/failure-of.js';
import { declare, makeBatch, openFake } from './support/fake-provider.js';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22);

/** Batch 0 is the newest; each is an hour older than the one before. */
const BATCHES = Array.from({ length: 50 }, (_, index) =>
  makeBatch({
    id: `b${index}`,
    status: index % 3 === 0 ? 'failed' : 'completed',
    times: { created: new Date(NOW - index * HOUR) },
    metadata: index % 10 === 4 ? { team: 'red', run: String(index) } : { team: 'blue' },
  }),
);

describe('listing batches', () => {
  let asked: ListOptions[];
  let given: number;
  let session: ProviderSession;

  beforeEach(() => {
    asked = [];
    given = 0;
    session = openFake({
      list: async function* (options = {}): AsyncGenerator<Batch> {
        asked.push(options);
        for (const batch of BATCHES) {
          given += 1;
          yield batch;
        }
      },
    });
  });

  async function idsOf(options: ListBatchesOptions): Promise<string[]> {
    return (await listBatches(session, options)).map(({ id }) => id);
  }

  it('gives as many as asked for, and tells the provider how many that are', async () => {
    expect(await idsOf({ limit: 3 })).to.deep.equal(['b0', 'b1', 'b2']);
    expect(asked[0]?.limit).to.equal(3);
    expect(given).to.equal(3);
  });

  it('gives all there are if there are fewer', async () => {
    expect(await idsOf({ limit: 500 })).to.have.length(50);
  });

  it('asks for nothing if nothing is wanted', async () => {
    expect(await idsOf({ limit: 0 })).to.deep.equal([]);
    expect(given).to.equal(0);
  });

  it('looks on until enough have the status', async () => {
    expect(await idsOf({ limit: 4, statuses: ['failed'] })).to.deep.equal(['b0', 'b3', 'b6', 'b9']);
    expect(asked[0]?.limit).to.equal(undefined);
  });

  it('takes any of several statuses', async () => {
    expect(await idsOf({ limit: 2, statuses: ['failed', 'completed'] })).to.deep.equal(['b0', 'b1']);
  });

  it('gives those with all pairs of the metadata', async () => {
    expect(await idsOf({ limit: 9, metadata: { team: 'red' } })).to.have.length(5);
    expect(await idsOf({ limit: 9, metadata: { team: 'red', run: '14' } })).to.deep.equal(['b14']);
    expect(await idsOf({ limit: 9, metadata: { toString: 'x' } })).to.deep.equal([]);
  });

  it('ends with the first that is too old, and takes one of that very moment', async () => {
    expect(await idsOf({ limit: 500, since: new Date(NOW - 2 * HOUR) })).to.deep.equal(['b0', 'b1', 'b2']);
    expect(given).to.equal(4);
  });

  it('is refused with the note of a provider that cannot', async () => {
    const lacking = { ...declare().capabilities, list: { supported: false, note: 'No lists here' } };
    const failure = await failureOf(() => listBatches(openFake({}, { capabilities: lacking }), { limit: 1 }));
    expect(failure).to.include({ kind: 'unsupported', message: 'No lists here' });
  });
});

describe('listing batches everywhere', () => {
  const good = openFake({ list: () => listOf(makeBatch({ id: 'g' })) }, { name: 'Good' });
  const keyless = openFake({}, { name: 'Keyless', credentials: ['SOME_KEY'] });
  const down = openFake(
    { list: () => failing(new ProviderError('unavailable', 'Down is down')) },
    { name: 'Down' },
  );

  it('names the providers that were left out, and shows the others', async () => {
    const lists = await listEverywhere([keyless, good, down], { limit: 3, all: true });
    expect(
      lists.map(({ provider, batches, problem }) => [provider.name, batches.length, problem]),
    ).to.deep.equal([
      ['Keyless', 0, 'Keyless was left out: There is no key for Keyless: SOME_KEY is not set'],
      ['Good', 1, undefined],
      ['Down', 0, 'Down was left out: Down is down'],
    ]);
  });

  it('fails if all fail, with something more telling than a missing key', async () => {
    const failure = await providerFailureOf(() => listEverywhere([keyless, down], { limit: 3, all: true }));
    expect(failure.message).to.equal('Down is down');
    expect((await failureOf(() => listEverywhere([keyless], { limit: 3, all: true }))).kind).to.equal(
      'credentials',
    );
  });

  it('fails if the only one that was asked fails', async () => {
    await providerFailureOf(() => listEverywhere([down], { limit: 3, all: false }));
  });

  it('is interrupted, and not merely without some providers', async () => {
    const controller = new AbortController();
    const options = { limit: 3, all: true, signal: controller.signal };
    const slow = openFake({
      list: () => {
        controller.abort();
        return failing(new Error('aborted'));
      },
    });
    const error = await thrownBy(() => listEverywhere([good, slow], options));
    expect(error).to.have.property('name', 'AbortError');
  });
});

async function* listOf(...batches: Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

// eslint-disable-next-line require-yield -- it fails before it has anything to give
async function* failing(error: Error): AsyncGenerator<Batch> {
  throw error;
}
