import { expect } from 'chai';
import {
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  seedAnthropic,
  seedOpenAI,
  until,
} from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { errorSchema, getSchema, parseAs } from '../support/json-schemas.js';
import {
  anthropicRequests,
  AT_ONCE,
  NEVER,
  openaiRequests,
  startWorld,
  type World,
} from '../support/world.js';

describe('batch cancel', () => {
  let running: World;
  let quick: World;
  before(async () => {
    running = await startWorld({ timing: { ...NEVER, cancellingMs: 60_000 } });
    quick = await startWorld({ timing: AT_ONCE });
  });
  after(() => Promise.all([running.close(), quick.close()]));

  const inProgress = async (count: number): Promise<string[]> => {
    const ids = await seedOpenAI(running, openaiRequests(2), count);
    for (const id of ids)
      await until(async () => (await openaiBatch(running, id))['status'] === 'in_progress');
    return ids;
  };

  it('says what the state is afterwards, not that it is done', async () => {
    const [one = '', two = '', three = ''] = await inProgress(3);
    const [message = '', other = ''] = await seedAnthropic(running, anthropicRequests(2), 2);

    const [flag, argument, colon, anthropic, deprecated] = await Promise.all([
      running.run(['batch', 'cancel', '--batch-id', one]),
      running.run(['batch', 'cancel', two, '--json']),
      running.run(['batch:cancel', '--batch-id', three, '--provider', 'openai']),
      running.run(['batch', 'cancel', '--batch-id', message]),
      running.run(['batch', 'cancel', '--batch-id', other, '--use-anthropic']),
    ]);

    expect(flag.code, flag.stderr).to.equal(0);
    expect(flag.stdout).to.equal(`${one} cancelling\n`);
    expect(flag.stderr).to.include(`instructor batch wait ${one}`);
    const batch = parseAs(getSchema, argument.stdout);
    expect(batch).to.include({ id: two, status: 'cancelling', raw_status: 'cancelling' });
    expect(batch.cancelling_at).to.not.equal(null);
    expect(colon.stdout).to.equal(`${three} cancelling\n`);
    expect(anthropic.code, anthropic.stderr).to.equal(0);
    expect(anthropic.stdout).to.equal(`${message} cancelling\n`);
    expect(deprecated.stdout).to.equal(`${other} cancelling\n`);
    expect(deprecated.stderr).to.match(/Warning: --use-anthropic is deprecated/);
  });

  it('explains that a batch has ended already, with exit code 5', async () => {
    const [openai, anthropic] = await Promise.all([
      endedOpenAI(quick, openaiRequests(1)),
      endedAnthropic(quick, anthropicRequests(1)),
    ]);
    const [first, second, json] = await Promise.all([
      quick.run(['batch', 'cancel', '--batch-id', openai]),
      quick.run(['batch', 'cancel', '--batch-id', anthropic]),
      quick.run(['batch', 'cancel', '--batch-id', openai, '--json']),
    ]);
    expectFailure(first, {
      code: 5,
      says: /has ended already: it is completed/,
      advises: /batch results --batch-id/,
    });
    expectFailure(second, {
      code: 5,
      says: /has ended already: it is completed/,
      advises: /batch results --batch-id/,
    });
    expect(json.code).to.equal(5);
    expect(parseAs(errorSchema, json.stdout).error).to.include({ code: 'state', exit_code: 5 });
  });

  it('needs an id, one, and of the right provider', async () => {
    const results = await Promise.all([
      quick.run(['batch', 'cancel']),
      quick.run(['batch', 'cancel', 'batch_a', '--batch-id', 'batch_b']),
      quick.run(['batch', 'cancel', 'msgbatch_abc', '--provider', 'openai']),
      quick.run(['batch', 'cancel', 'batch_abc', '--use-anthropic']),
      quick.run(['batch', 'cancel', 'batch_a', 'batch_b']),
    ]);
    const says = [
      /batch-id/,
      /batch_b contradicts the argument batch_a/,
      /--provider openai.*Anthropic/,
      /Anthropic|anthropic/,
      /batch_b/,
    ];
    for (const [at, result] of results.entries())
      expectFailure(result, { code: 2, says: says[at] ?? /./, advises: /Try:/ });
  });

  it('fails with the id of the request when there is no such batch', async () => {
    const [openai, anthropic] = await Promise.all([
      quick.run(['batch', 'cancel', 'batch_doesnotexist']),
      quick.run(['batch', 'cancel', 'msgbatch_doesnotexist']),
    ]);
    for (const result of [openai, anthropic]) {
      expectFailure(result, {
        code: 1,
        says: /doesnotexist|not found/i,
        advises: /batch list/,
        requestId: '',
      });
    }
  });
});
