import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readHistory, rememberBatch } from '../../../src/runs/tell/history.js';
import type { EndedBatch } from '../../../src/runs/store/events.js';

describe('how long the batches of a user took', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instructor-history-'));
  });
  after(() => rm(folder, { recursive: true }));

  const ended = (seconds: number, fields: Partial<EndedBatch> = {}): EndedBatch => ({
    id: 'b',
    status: 'completed',
    rawStatus: 'done',
    created: '2026-11-22T14:00:00.000Z',
    ended: new Date(Date.parse('2026-11-22T14:00:00.000Z') + seconds * 1000).toISOString(),
    requests: {},
    problems: [],
    files: [],
    ...fields,
  });

  it('is kept for batches that completed, and read by model, else by provider', async () => {
    const path = join(folder, 'deep/history.jsonl');
    await rememberBatch(path, { provider: 'p', model: 'm', requests: 1 }, ended(60));
    await rememberBatch(path, { provider: 'p', model: 'n', requests: 1 }, ended(90));
    await rememberBatch(path, { provider: 'q', model: 'm', requests: 1 }, ended(30));
    await rememberBatch(path, { provider: 'p', model: 'm', requests: 1 }, ended(1, { status: 'cancelled' }));
    await rememberBatch(path, { provider: 'p', model: 'm', requests: 1 }, ended(1, { created: undefined }));
    await appendFile(path, '{"provider":"p","mod');
    const seconds = async (model: string): Promise<number[]> =>
      (await readHistory(path, 'p', model)).map((past) => past.seconds);
    expect(await seconds('m')).to.deep.equal([60]);
    expect(await seconds('unknown')).to.deep.equal([60, 90]);
  });

  it('costs no run anything if it cannot be kept or read', async () => {
    await rememberBatch(join('/dev/null', 'x'), { provider: 'p', model: 'm', requests: 1 }, ended(60));
    expect(await readHistory(join(folder, 'nothing'), 'p', 'm')).to.deep.equal([]);
  });
});
