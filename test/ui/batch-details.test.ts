import { expect } from 'chai';
import { renderBatch } from '../../src/ui/batch-details.js';
import { formatMoment } from '../../src/ui/format.js';
import { batchToJson } from '../../src/ui/json.js';
import { declare, makeBatch } from '../core/support/fake-provider.js';
import { withoutTerminalSettings } from './support/terminal-of.js';

const created = new Date(2026, 10, 22, 10);
const full = makeBatch({
  id: 'b1',
  status: 'failed',
  rawStatus: 'validation_failed',
  endpoint: '/ask',
  times: { created, started: created, ended: new Date(created.getTime() + 90_000), expires: created },
  counts: { done: 1234, lost: undefined },
  usage: { inputTokens: 1500, cachedInputTokens: 500, outputTokens: 20 },
  metadata: { note: 'a\u001B[2Jb' },
  files: [
    { kind: 'output', id: 'file_1' },
    { kind: 'errors', id: 'b1' },
  ],
  problems: [{ message: 'bad', line: 3, code: 'invalid', param: 'body' }, { message: 'worse' }],
});

describe('a batch in full', () => {
  withoutTerminalSettings();

  function linesOf(batch = full): string[] {
    process.env['NO_COLOR'] = '1';
    return renderBatch(declare(), batch)
      .split('\n')
      .map((line) => line.replace(/ {2,}/, ': '));
  }

  it('has a line for all that is known, made harmless', () => {
    expect(linesOf()).to.deep.equal([
      'Batch: b1',
      'Provider: Fake',
      'Status: failed (validation_failed)',
      'Endpoint: /ask',
      `Created: ${formatMoment(created)}`,
      `Started: ${formatMoment(created)}`,
      `Ended: ${formatMoment(new Date(created.getTime() + 90_000))}`,
      'Duration: 1m',
      `Would have expired: ${formatMoment(created)}`,
      'Done: 1,234',
      'Lost: -',
      'Tokens in: 1,500, 500 of them cached',
      'Tokens out: 20',
      'Metadata: note = a\\x1b[2Jb',
      'Output file: file_1',
      'Problem: line 3: bad (invalid, body)',
      'Problem: worse',
    ]);
  });

  it('has none for what is not known', () => {
    expect(linesOf(makeBatch({ rawStatus: 'completed' }))).to.deep.equal([
      'Batch: fake_1',
      'Provider: Fake',
      'Status: completed',
    ]);
  });

  it('shows a status that nobody knows as it came', () => {
    const batch = makeBatch({ status: 'processing', rawStatus: 'paused', unknownStatus: true });
    expect(linesOf(batch)[2]).to.equal('Status: paused (unknown to this version)');
  });

  it('is JSON with null for what is not known, the same keys always', () => {
    const some = batchToJson('fake', full);
    const none = batchToJson('fake', makeBatch());
    expect(Object.keys(none)).to.deep.equal(Object.keys(some));
    expect(some).to.deep.include({ created_at: created.toISOString(), counts: { done: 1234, lost: null } });
    expect(none).to.deep.include({ created_at: null, model: null, metadata: {}, problems: [], files: [] });
    expect(JSON.stringify(none)).not.to.contain('undefined');
  });
});
