import { expect } from 'chai';
import { ResultSummary } from '../../src/core/result-summary.js';
import { printFailure } from '../../src/ui/failure.js';
import { printSummary } from '../../src/ui/summary.js';
import { captured, withoutTerminalSettings } from './support/terminal-of.js';

describe('the summary on the terminal', () => {
  withoutTerminalSettings();

  it('counts by outcome and reason, and goes to standard error', async () => {
    const summary = new ResultSummary();
    const usage = { inputTokens: 1200, cachedInputTokens: 200, outputTokens: 30 };
    for (let row = 0; row < 1500; row += 1) {
      summary.add({ customId: `g${row}`, outcome: 'succeeded', success: true, result: 1 });
    }
    const error = { type: 'no\u001B', message: `m ${'x'.repeat(200)}` };
    summary.add({ customId: 'b\r', outcome: 'errored', success: false, error, usage });
    const { stderr, stdout } = await captured(() => printSummary(summary));
    expect(stderr.split('\n')).to.deep.equal([
      '1,501 rows: 1,500 succeeded, 1 errored',
      `  1 × errored (no\\x1b): m ${'x'.repeat(115)}... [b\\r]`,
      'Tokens: 1,200 in (200 cached), 30 out',
      'Cost: unknown, there is no price for an unnamed model',
      '',
    ]);
    expect(stdout).to.equal('');
  });

  it('shows the five most frequent reasons and how many others there are', async () => {
    const summary = new ResultSummary();
    for (const type of 'abcdefg') {
      summary.add({ customId: type, outcome: 'errored', success: false, error: { type, message: type } });
    }
    const { stderr } = await captured(() => printSummary(summary));
    expect(stderr.split('\n')).to.have.length(8);
    expect(stderr).to.contain('… and 2 other reasons');
  });

  it('says that there was nothing', async () => {
    const { stderr } = await captured(() => printSummary(new ResultSummary()));
    expect(stderr).to.equal('0 rows: none\n');
  });
});

describe('a failure on the terminal', () => {
  withoutTerminalSettings();

  it('says what happened, what to do, and the request id, all made harmless', async () => {
    const { stderr, stdout } = await captured(() =>
      printFailure({
        exitCode: 1,
        code: 'x',
        message: 'no\u001B[2J',
        details: ['line\r1'],
        hint: 'do',
        requestId: 'r\u0007',
      }),
    );
    expect(stderr).to.equal('Error: no\\x1b[2J\n  line\\r1\n  Try: do\n  Request id: r\\x07\n');
    expect(stdout).to.equal('');
  });

  it('is a note where nothing broke', async () => {
    const { stderr } = await captured(() =>
      printFailure({ exitCode: 3, code: 'x', message: 'cannot', note: true }),
    );
    expect(stderr).to.equal('Note: cannot\n');
  });

  it('is short after Ctrl-C', async () => {
    const { stderr } = await captured(() =>
      printFailure({ exitCode: 130, code: 'interrupted', message: 'Interrupted', hint: 'x' }),
    );
    expect(stderr).to.equal('Interrupted\n');
  });
});
