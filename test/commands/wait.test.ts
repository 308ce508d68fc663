import { expect } from 'chai';
import {
  cancelOpenAI,
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  seedOpenAI,
  until,
} from '../support/batches.js';
import { expectClean, expectFailure } from '../support/expect-failure.js';
import { openaiBatchObject, sendJson, startFaultyServer } from '../support/faulty-server.js';
import { parseAs, waitSchema } from '../support/json-schemas.js';
import { runInstructor } from '../support/run-instructor.js';
import { hasTerminal, runInTerminal } from '../support/terminal.js';
import {
  anthropicRequests,
  envFor,
  NEVER,
  openaiRequests,
  startWorld,
  type World,
} from '../support/world.js';

describe('batch wait', () => {
  let good: World;
  let mixed: World;
  before(async () => {
    good = await startWorld();
    mixed = await startWorld({ outcome: ({ index }) => (index === 0 ? 'errored' : undefined) });
  });
  after(() => Promise.all([good.close(), mixed.close()]));

  it('waits for several batches of any providers, and exits with 0 when all have completed', async () => {
    const openai = await endedOpenAI(good, openaiRequests(2));
    const anthropic = await endedAnthropic(good, anthropicRequests(2));
    const [text, flags, json] = await Promise.all([
      good.run(['batch', 'wait', openai, anthropic, openai]),
      good.run(['batch:wait', '--batch-id', openai, '--batch-id', anthropic]),
      good.run(['batch', 'wait', anthropic, openai, '--json']),
    ]);
    expect(text.code, text.stderr).to.equal(0);
    expect(text.stdout).to.equal(`${openai} completed\n${anthropic} completed\n`);
    expect(text.stderr).to.match(new RegExp(`${openai} {2}completed {2}2 of 2 \\(100%\\)`));
    expect(flags.stdout).to.equal(text.stdout);
    const mixedUp = await good.run(['batch', 'wait', 'batch_doesnotexist', openai]);
    expect(mixedUp.code).to.equal(1);
    expect(mixedUp.stdout, 'the batch that exists').to.equal(`${openai} completed\n`);
    expect(mixedUp.stderr).to.match(/^Error: .*doesnotexist/m);
    expect(parseAs(waitSchema, json.stdout).batches.map(({ id }) => id)).to.deep.equal([anthropic, openai]);
  });

  it('exits with 6 when rows failed and with 1 when a batch did not complete', async () => {
    const late = await startWorld({ endAs: 'expired' });
    const running = await startWorld({ timing: NEVER });
    try {
      const partly = await endedOpenAI(mixed, openaiRequests(2));
      const message = await endedAnthropic(mixed, anthropicRequests(2));
      const failed = await endedOpenAI(mixed, openaiRequests(1) + openaiRequests(1));
      const expired = await endedOpenAI(late, openaiRequests(2));
      const expiredMessage = await endedAnthropic(late, anthropicRequests(2));
      const [cancelled = ''] = await seedOpenAI(running, openaiRequests(2));
      await until(async () => (await openaiBatch(running, cancelled))['status'] === 'in_progress');
      await cancelOpenAI(running, cancelled);
      const results = await Promise.all([
        mixed.run(['batch', 'wait', partly]),
        mixed.run(['batch', 'wait', message]),
        mixed.run(['batch', 'wait', partly, failed]),
        late.run(['batch', 'wait', expired]),
        late.run(['batch', 'wait', expiredMessage]),
        running.run(['batch', 'wait', cancelled]),
      ]);
      expect(results.map(({ code }) => code)).to.deep.equal([6, 6, 1, 1, 1, 1]);
      expect(results[0]?.stderr).to.match(/1 failed/);
      expect(results[2]?.stderr).to.match(/failed .*line 2: /);
      expect(results[3]?.stdout).to.equal(`${expired} expired\n`);
      expect(results[5]?.stdout).to.equal(`${cancelled} cancelled\n`);
    } finally {
      await Promise.all([late.close(), running.close()]);
    }
  });

  it('looks again every --poll seconds, prints a line per change, and survives passing errors', async () => {
    const looks: number[] = [];
    const server = await startFaultyServer((_request, response, count) => {
      looks.push(Date.now());
      if (count < 2)
        return sendJson(
          response,
          200,
          openaiBatchObject({
            status: 'in_progress',
            completed_at: null,
            request_counts: { total: 2, completed: 0, failed: 0 },
          }),
        );
      if (count < 5)
        return sendJson(
          response,
          503,
          { error: { message: 'Overloaded for now' } },
          { 'retry-after-ms': '20' },
        );
      sendJson(response, 200, openaiBatchObject());
    });
    try {
      const result = await runInstructor(['batch', 'wait', 'batch_abc123', '--poll', '0.2'], {
        env: envFor(server.url),
      });
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.equal('batch_abc123 completed\n');
      const lines = result.stderr.split('\n').filter((line) => line.startsWith('batch_abc123'));
      expect(
        lines.filter((line) => /processing \(in_progress\) {2}0 of 2 \(0%\)$/.test(line)),
      ).to.have.length(1);
      expect(lines.at(-1)).to.match(/completed {2}2 of 2 \(100%\)/);
      expect(result.stderr).to.match(/Overloaded for now/);
      expect((looks[1] ?? 0) - (looks[0] ?? 0)).to.be.within(190, 1000);
      expectClean(result);
    } finally {
      await server.close();
    }
  });

  it("honours the provider's hint on when to look again", async () => {
    const looks: number[] = [];
    const server = await startFaultyServer((_request, response, count) => {
      looks.push(Date.now());
      const status = count === 0 ? 'in_progress' : 'completed';
      sendJson(response, 200, openaiBatchObject({ status }), count === 0 ? { 'retry-after': '2' } : {});
    });
    try {
      const result = await runInstructor(['batch', 'wait', 'batch_abc123'], { env: envFor(server.url) });
      expect(result.code, result.stderr).to.equal(0);
      expect((looks[1] ?? 0) - (looks[0] ?? 0)).to.be.within(1900, 3500);
    } finally {
      await server.close();
    }
  });

  it('draws its lines in place on a terminal', async function () {
    if (!hasTerminal()) this.skip();
    const running = await startWorld({ timing: NEVER });
    try {
      const ids = await seedOpenAI(running, openaiRequests(2), 2);
      const { code, output } = await runInTerminal(['batch', 'wait', ...ids, '--poll', '0.1'], {
        cwd: running.folder,
        env: running.env,
        interruptAfter: /processing[\s\S]*processing/,
      });
      expect(code).to.equal(130);
      expect(output.lastIndexOf('\u001B[?25h')).to.be.greaterThan(output.lastIndexOf('\u001B[?25l'));
      for (const id of ids) expect(output).to.include(id);
    } finally {
      await running.close();
    }
  });

  it('refuses to wait for nothing, and for what does not exist', async () => {
    const [none, absent, half] = await Promise.all([
      good.run(['batch', 'wait']),
      good.run(['batch', 'wait', 'batch_doesnotexist']),
      good.run(['batch', 'wait', 'batch_abc', '--poll', 'never']),
    ]);
    expectFailure(none, { code: 2, says: /id of a batch/, advises: /batch wait ID/ });
    expectFailure(absent, { code: 1, says: /doesnotexist|not found/i, advises: /batch list/, requestId: '' });
    expectFailure(half, { code: 2, says: /never/ });
  });
});
