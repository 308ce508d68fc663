import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { settleShard } from '../../../src/runs/send/settle-shard.js';
import type { RecordedEvent } from '../../../src/runs/store/events.js';
import { declare, makeBatch } from '../../core/support/fake-provider.js';
import { at, fakeRun, plannedEvent, shard } from '../support/fake-run.js';

const HOUR = 3_600_000;
const { capabilities } = declare();
const WITH_METADATA: Partial<ProviderDeclaration> = {
  capabilities: { ...capabilities, metadata: { maxPairs: 16, maxKeyLength: 64, maxValueLength: 512 } },
};

describe('a shard whose creation was not answered', () => {
  let folder: string;
  let count = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instructor-settle-'));
    count = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  interface Facts {
    declared?: Partial<ProviderDeclaration>;
    settleMs?: number;
    claims?: string[];
    uploaded?: boolean;
  }

  /** Looks for shard s1 of two requests in this list; gives the event that came of it, and whether it waits. */
  const settle = async (batches: Partial<Batch>[], facts: Facts = {}): Promise<Record<string, unknown>> => {
    count += 1;
    const own = join(folder, String(count));
    await mkdir(own);
    const { declared, settleMs = 0, claims = [], uploaded = false } = facts;
    const now = new Date().toISOString();
    const events: RecordedEvent[] = [
      plannedEvent(shard('s1')),
      at({ event: 'submitting', shard: 's1', nonce: 'nonce', sha256: '' }, now),
    ];
    const file = { kind: 'input' as const, id: 'file-mine' };
    if (uploaded) events.push(at({ event: 'uploaded', shard: 's1', nonce: 'nonce', file }, now));
    const list = async function* (): AsyncGenerator<Batch> {
      await Promise.resolve();
      for (const batch of batches) yield makeBatch({ times: { created: new Date() }, ...batch });
    };
    const { run, recorded, close } = await fakeRun({
      folder: own,
      events,
      declared,
      pace: { settleMs },
      provider: { list },
    });
    const { waitMs } = await settleShard(run, run.state.shard('s1'), new Set(claims));
    await close();
    const { event, batch, batches: suspects, by } = (recorded[0] ?? {}) as unknown as Record<string, unknown>;
    return JSON.parse(JSON.stringify({ event, batch, batches: suspects, by, waits: waitMs > 0 })) as Record<
      string,
      unknown
    >;
  };

  it('is found by its nonce, whatever else looks like it', async () => {
    const batches = [{ id: 'other' }, { id: 'mine', metadata: { instructor_nonce: 'nonce' } }];
    expect(await settle(batches, { declared: WITH_METADATA, settleMs: HOUR })).to.deep.equal({
      event: 'found', batch: 'mine', by: 'metadata', waits: false,
    }); // prettier-ignore
  });

  it('is found by the file that was uploaded for it', async () => {
    const batches = [{ id: 'mine', files: [{ kind: 'input' as const, id: 'file-mine' }] }];
    expect(await settle(batches, { uploaded: true, settleMs: HOUR })).to.include({
      event: 'found',
      by: 'input file',
    });
  });

  it('is not said to be absent before it must have been in the list', async () => {
    expect(await settle([], { settleMs: HOUR })).to.deep.equal({ waits: true });
    expect(await settle([])).to.deep.equal({ event: 'absent', waits: false });
  });

  it('is not taken for others that look like it before it must have been in the list too', async () => {
    const like = { id: 'stranger', requests: { total: 2 } };
    expect(await settle([like], { settleMs: HOUR })).to.deep.equal({ waits: true });
    expect(await settle([like])).to.deep.equal({ event: 'suspected', batches: ['stranger'], waits: false });
  });

  it('is none of another size, of another shard or run, or older; nor any where metadata would tell', async () => {
    const like = { id: 'stranger', requests: { total: 2 } };
    const old = new Date(Date.now() - HOUR);
    expect(await settle([{ ...like, requests: { total: 3 } }])).to.include({ event: 'absent' });
    expect(await settle([like], { claims: ['stranger'] })).to.include({ event: 'absent' });
    expect(await settle([{ ...like, times: { created: old } }])).to.include({ event: 'absent' });
    expect(await settle([like], { declared: WITH_METADATA })).to.include({ event: 'absent' });
  });
});
