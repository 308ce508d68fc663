import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RequestPrice } from '../../../src/runs/plan/request-price.js';
import {
  ShardWriter,
  type ShardWriterOptions,
  type WrittenShards,
} from '../../../src/runs/plan/shard-writer.js';
import { declare, fakeProvider } from '../../core/support/fake-provider.js';

interface Request {
  custom_id: string;
  model?: string;
  trait?: string;
}

describe('the request files of a run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instructor-shards-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (
    requests: Request[],
    options: Partial<ShardWriterOptions> = {},
  ): Promise<WrittenShards & { lists: number[] }> => {
    const provider = fakeProvider();
    const price = new RequestPrice({ provider, declaration: declare(), exact: true });
    const writer = new ShardWriter({
      folder, provider, limits: {}, byModel: true, price, firstNumber: 1, round: 1, ...options,
    }); // prettier-ignore
    const lists: number[] = [];
    for (const request of requests) lists.push(await writer.add(`${JSON.stringify(request)}\n`, request));
    return { ...(await writer.finish()), lists };
  };
  const rows = (count: number, more: Partial<Request> = {}): Request[] =>
    Array.from({ length: count }, (_, index) => ({ custom_id: `r${index}`, ...more }));
  const sizes = ({ shards }: WrittenShards): number[] => shards.map(({ requests }) => requests);

  it('hold no more requests or bytes than a batch may, in their order, with their hashes', async () => {
    const written = await write(rows(5), { limits: { requests: 2 } });
    expect(sizes(written)).to.deep.equal([2, 2, 1]);
    let all = '';
    for (const { file, sha256, bytes } of written.shards) {
      const text = await readFile(join(folder, file), 'utf8');
      expect([createHash('sha256').update(text).digest('hex'), text.length]).to.deep.equal([sha256, bytes]);
      all += text;
    }
    expect(all).to.equal(
      rows(5)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    const bytes = JSON.stringify(rows(1)[0]).length + 1;
    expect(sizes(await write(rows(5), { limits: { bytes: bytes * 3 } }))).to.deep.equal([3, 2]);
    expect(
      sizes(await write(rows(2), { limits: { bytes: 1 } })),
      'one that is too large alone',
    ).to.deep.equal([1, 1]);
  });

  it('have the first rows by themselves if they are a canary, whatever their models', async () => {
    const written = await write(rows(5), { canary: 2, limits: { requests: 2 } });
    expect(written.shards.map(({ requests, canary }) => [requests, canary ?? false])).to.deep.equal([
      [2, true],
      [2, false],
      [1, false],
    ]);
    const mixed = [...rows(2, { model: 'a' }), ...rows(2, { model: 'b' }), ...rows(1, { model: 'a' })];
    const two = await write(mixed, { canary: 3 });
    expect(
      two.shards.filter(({ canary }) => canary).map(({ model, requests }) => [model, requests]),
    ).to.deep.equal([
      ['a', 2],
      ['b', 1],
    ]);
  });

  it('have one model each where a batch has one, and say which list a request went into', async () => {
    const mixed = ['a', 'b', 'a'].map((model, index) => ({ custom_id: `r${index}`, model, trait: model }));
    const written = await write(mixed);
    expect(written.lists).to.deep.equal([0, 1, 0]);
    expect(
      written.shards.map(({ model, requests, list, traits }) => ({ model, requests, list, traits })),
    ).to.deep.equal([
      { model: 'a', requests: 2, list: 0, traits: ['a'] },
      { model: 'b', requests: 1, list: 1, traits: ['b'] },
    ]);
    expect((await write(mixed, { byModel: false })).shards).to.have.length(1);
    expect((await write(mixed, { firstList: 4 })).lists).to.deep.equal([4, 5, 4]);
  });

  it('stay in their order beyond ten thousand', async () => {
    const written = await write(rows(3), { limits: { requests: 1 }, firstNumber: 9999 });
    expect(written.shards.map(({ id }) => id)).to.deep.equal(['s9999', 's10000', 's10001']);
  });
});
