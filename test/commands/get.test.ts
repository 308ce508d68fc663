import { expect } from 'chai';
import {
  cancelOpenAI,
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  seedOpenAI,
  until,
} from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { openaiBatchObject, sendJson, startFaultyServer } from '../support/faulty-server.js';
import { getSchema, parseAs } from '../support/json-schemas.js';
import { runInstructor } from '../support/run-instructor.js';
import {
  anthropicRequests,
  envFor,
  NEVER,
  openaiRequests,
  startWorld,
  type World,
} from '../support/world.js';

describe('batch get', () => {
  let world: World;
  before(async () => {
    world = await startWorld({ outcome: ({ index }) => (index === 0 ? 'errored' : undefined) });
  });
  after(() => world.close());

  it('shows everything about a batch, a line each', async () => {
    const id = await endedOpenAI(world, openaiRequests(3), { metadata: { team: 'red', note: 'a\tb\u0007' } });
    const [flag, argument, colon, json] = await Promise.all([
      world.run(['batch', 'get', '--batch-id', id]),
      world.run(['batch', 'get', id]),
      world.run(['batch:get', id, '--provider', 'openai']),
      world.run(['batch', 'get', id, '--json']),
    ]);
    expect(flag.code, flag.stderr).to.equal(0);
    expect(flag.stderr).to.equal('');
    const lines = Object.fromEntries(
      flag.stdout.trimEnd().split('\n').map((line) => [line.slice(0, 20).trim(), line.slice(20)]),
    ); // prettier-ignore
    expect(lines).to.include({
      Batch: id,
      Provider: 'OpenAI',
      Status: 'completed',
      Total: '3',
      Completed: '2',
      Failed: '1',
    });
    expect(lines).to.include({ Endpoint: '/v1/chat/completions', 'Completion window': '24h' });
    for (const moment of ['Created', 'Started', 'Finalizing', 'Ended'])
      expect(lines[moment]).to.match(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(lines['Tokens in']).to.match(/^\d+/);
    expect(flag.stdout)
      .to.match(/Metadata +team = red/)
      .and.to.include('\\x07');
    expect(flag.stdout)
      .to.match(/Input file +file-/)
      .and.to.match(/Output file +file-/)
      .and.to.match(/Errors? file +file-/);
    expect(argument).to.deep.equal(flag);
    expect(colon).to.deep.equal(flag);
    const batch = parseAs(getSchema, json.stdout);
    expect(batch.metadata).to.deep.equal({ team: 'red', note: 'a\tb\u0007' });
    expect(batch.usage?.input_tokens).to.be.greaterThan(0);
    expect(batch.files.map(({ kind }) => kind)).to.have.members(['input', 'output', 'errors']);
  });

  it('gives the reasons of a failure with their lines', async () => {
    const id = await endedOpenAI(world, openaiRequests(1) + openaiRequests(1) + '{\n');
    const [text, json] = await Promise.all([
      world.run(['batch', 'get', id]),
      world.run(['batch', 'get', id, '--json']),
    ]);
    expect(text.code).to.equal(0);
    expect(text.stdout)
      .to.match(/Status +failed/)
      .and.to.match(/Problem +line 2: /)
      .and.to.match(/Problem +line 3: /);
    expect(parseAs(getSchema, json.stdout).problems.map(({ line }) => line)).to.include.members([2, 3]);
  });

  it("shows Anthropic's batches, and a cancelled one", async () => {
    const running = await startWorld({ timing: NEVER });
    try {
      const message = await endedAnthropic(world, anthropicRequests(2));
      const [id = ''] = await seedOpenAI(running, openaiRequests(2));
      await until(async () => (await openaiBatch(running, id))['status'] === 'in_progress');
      const [anthropic, processing] = await Promise.all([
        world.run(['batch', 'get', message]),
        running.run(['batch', 'get', id]),
      ]);
      await cancelOpenAI(running, id);
      const cancelled = await running.run(['batch', 'get', id]);
      expect(anthropic.stdout)
        .to.match(/Provider +Anthropic/)
        .and.to.match(/Status +completed \(ended\)/);
      expect(anthropic.stdout)
        .to.match(/Succeeded +1/)
        .and.to.match(/Errored +1/);
      expect(processing.stdout)
        .to.match(/Status +processing \(in_progress\)/)
        .and.to.match(/Expires +\d{4}/);
      expect(cancelled.stdout)
        .to.match(/Status +cancelled/)
        .and.to.match(/Cancel asked +\d{4}/);
    } finally {
      await running.close();
    }
  });

  it('shows a status that it does not know as it is, and makes control characters visible', async () => {
    const server = await startFaultyServer((_request, response) =>
      sendJson(
        response,
        200,
        openaiBatchObject({
          id: 'batch_abc\u001B[31m',
          status: 'hibernating\u001B[2J',
          metadata: { 'evil\u001B]0;x': 'a\nb\u202E' },
        }),
      ),
    );
    try {
      const [text, json, cancelled, waited] = await Promise.all([
        runInstructor(['batch', 'get', 'batch_abc'], { env: envFor(server.url) }),
        runInstructor(['batch', 'get', 'batch_abc', '--json'], { env: envFor(server.url) }),
        runInstructor(['batch', 'cancel', 'batch_abc'], { env: envFor(server.url) }),
        runInstructor(['batch', 'list'], { env: envFor(server.url) }),
      ]);
      expect(text.code, text.stderr).to.equal(0);
      expect(text.stdout).to.match(/hibernating\\x1b\[2J \(unknown/);
      for (const { stdout, stderr } of [text, cancelled, waited]) {
        // eslint-disable-next-line no-control-regex -- what must not reach a terminal
        expect(stdout + stderr).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      }
      expect(parseAs(getSchema, json.stdout).raw_status).to.equal('hibernating\u001B[2J');
    } finally {
      await server.close();
    }
  });

  it('fails when there is no such batch, or no id', async () => {
    const [openai, anthropic, none] = await Promise.all([
      world.run(['batch', 'get', 'batch_doesnotexist']),
      world.run(['batch', 'get', 'msgbatch_doesnotexist']),
      world.run(['batch', 'get']),
    ]);
    for (const result of [openai, anthropic]) {
      expectFailure(result, {
        code: 1,
        says: /doesnotexist|not found/i,
        advises: /batch list/,
        requestId: '',
      });
    }
    expectFailure(none, { code: 2, says: /batch-id/, advises: /batch list/ });
  });
});
