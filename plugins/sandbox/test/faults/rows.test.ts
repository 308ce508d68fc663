import { expect } from 'chai';
import type { Fault } from '../../src/index.js';
import { messageRequests, runBatch as runAnthropic } from '../support/anthropic.js';
import { withFaults } from '../support/faults.js';
import { chatLines, openAiClient, runBatch } from '../support/openai.js';
import { closeSandboxes, PERSON, type Json } from '../support/sandbox.js';

const both = async (...faults: Fault[]) => {
  const sandbox = await withFaults(...faults);
  const format = { type: 'json_schema', json_schema: { name: 'p', schema: PERSON, strict: true } };
  const openAi = await runBatch(openAiClient(sandbox), chatLines(20, { response_format: format }));
  const anthropic = await runAnthropic(sandbox, messageRequests(20));
  return { sandbox, openAi, anthropic };
};
const ids = (lines: Json[]): string[] => lines.map((line) => line.custom_id as string).toSorted();

describe('rows that go wrong', () => {
  afterEach(closeSandboxes);

  it('are missing', async () => {
    const { openAi, anthropic } = await both({ fault: 'rows-missing', rate: 0.3 });
    expect(openAi.output.length).to.be.within(1, 19);
    expect(openAi.batch.request_counts?.completed).to.equal(20);
    expect(ids(anthropic.lines)).to.deep.equal(ids(openAi.output));
  });

  it('are there twice', async () => {
    const { openAi, anthropic } = await both({ fault: 'rows-twice', rate: 0.3 });
    expect(openAi.output.length).to.be.within(21, 39);
    expect(new Set(ids(openAi.output)).size).to.equal(20);
    expect(ids(anthropic.lines)).to.deep.equal(ids(openAi.output));
    expect(anthropic.batch.request_counts.succeeded).to.equal(20);
  });

  it('have status 0', async () => {
    const { openAi, anthropic } = await both({ fault: 'rows-status-0', rate: 0.3 });
    expect(openAi.errors[0].response).to.deep.equal({ status_code: 0, request_id: '', body: null });
    expect(openAi.batch.request_counts?.failed).to.equal(openAi.errors.length);
    expect(anthropic.batch.request_counts.errored).to.equal(openAi.errors.length);
  });

  it('are refused, cut off or do not fit', async () => {
    const { openAi, anthropic } = await both(
      { fault: 'rows-refused', rate: 0.3 },
      { fault: 'rows-truncated', rate: 0.3 },
      { fault: 'rows-invalid', rate: 0.4 },
    );
    const choices = openAi.output.map((line) => line.response.body.choices[0] as Json);
    expect(choices.some(({ message }) => message.refusal !== null)).to.equal(true);
    expect(choices.some((choice) => choice.finish_reason === 'length')).to.equal(true);
    const odd = choices.filter(({ message, finish_reason: reason }) => {
      if (message.refusal !== null || reason === 'length') return false;
      const { name, age } = JSON.parse(message.content as string) as Json;
      return typeof name !== 'string' || !Number.isInteger(age);
    });
    expect(odd.length).to.be.greaterThan(0);
    const stops = anthropic.lines.map((line) => line.result.message.stop_reason as string);
    expect(stops).to.include.members(['refusal', 'max_tokens', 'end_turn']);
  });

  it('fail, or never run', async () => {
    const { openAi, anthropic } = await both(
      { fault: 'rows-errored', count: 2, protocol: 'openai' },
      { fault: 'rows-failed', count: 1, after: 5, protocol: 'openai' },
      { fault: 'rows-expired', count: 3, protocol: 'anthropic' },
    );
    const statuses = openAi.errors.map((line) => line.response.status_code as number);
    expect(statuses.toSorted()).to.deep.equal([400, 400, 500]);
    expect(anthropic.batch.request_counts).to.include({ succeeded: 17, expired: 3 });
  });

  it('are the same for the same seed', async () => {
    const [first, second] = [
      await both({ fault: 'rows-missing', rate: 0.3 }),
      await both({ fault: 'rows-missing', rate: 0.3 }),
    ];
    expect(ids(first.openAi.output)).to.deep.equal(ids(second.openAi.output));
  });
});
