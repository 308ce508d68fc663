import { expect } from 'chai';
import { readBatch } from '../src/read-batch.js';
import { batchObject } from './support/provider.js';

const read = (fields: object) => readBatch(batchObject('msgbatch_1', fields), 'Anthropic');
const counts = (fields: object) => ({
  processing: 0,
  succeeded: 0,
  errored: 0,
  canceled: 0,
  expired: 0,
  ...fields,
});
const ended = (fields: object) => read({ processing_status: 'ended', request_counts: counts(fields) });

describe('reading an Anthropic batch', () => {
  it('knows no progress before the end', () => {
    const batch = read({ request_counts: counts({ processing: 5 }) });

    expect(batch).to.deep.include({
      status: 'processing',
      requests: { total: 5 },
      files: [],
      unknownStatus: false,
    });
    expect(batch.counts).not.to.include({ succeeded: 0 });
  });

  it('derives from the counts how it ended', () => {
    expect(ended({ succeeded: 3 }).status).to.equal('completed');
    expect(ended({ succeeded: 3, errored: 2 }).status).to.equal('completed');
    expect(ended({ succeeded: 3, expired: 1 }).status).to.equal('expired');
    expect(ended({ succeeded: 3, canceled: 1, expired: 1 }).status).to.equal('cancelled');
    expect(
      read({
        processing_status: 'ended',
        request_counts: counts({ succeeded: 1 }),
        cancel_initiated_at: '2026-01-01T00:00:00Z',
      }).status,
    ).to.equal('completed');
  });

  it('counts what failed, and does not count what is unknown', () => {
    expect(ended({ succeeded: 3, errored: 1, canceled: 2, expired: 4 }).requests).to.deep.equal({
      total: 10,
      succeeded: 3,
      failed: 7,
      processing: 0,
    });
    expect(read({ processing_status: 'ended', request_counts: null }).requests).to.deep.equal({
      total: undefined,
      succeeded: undefined,
      failed: undefined,
      processing: undefined,
    });
  });

  it('shows other states as they are', () => {
    expect(read({ processing_status: 'canceling' })).to.include({ status: 'cancelling' });
    for (const rawStatus of ['paused', 'constructor']) {
      expect(read({ processing_status: rawStatus })).to.include({
        status: 'processing',
        rawStatus,
        unknownStatus: true,
      });
    }
    expect(read({ processing_status: null })).to.include({ rawStatus: 'unknown', unknownStatus: true });
  });

  it('reads times with microseconds, and has results where there is an address for them', () => {
    const batch = read({
      created_at: '2026-11-20T10:00:00.123456+00:00',
      ended_at: '2026-11-20T11:00:00.123456+00:00',
      results_url: 'https://api.anthropic.com/v1/messages/batches/msgbatch_1/results',
    });

    expect(batch.times.created?.toISOString()).to.equal('2026-11-20T10:00:00.123Z');
    expect(batch.times.ended?.toISOString()).to.equal('2026-11-20T11:00:00.123Z');
    expect(batch.files).to.deep.equal([{ kind: 'output', id: 'msgbatch_1' }]);
  });

  it('says so if it is no batch', () => {
    for (const raw of [undefined, null, '<html>', [], {}]) {
      expect(() => readBatch(raw, 'Anthropic')).to.throw('Anthropic sent something that is not a batch');
    }
  });
});
