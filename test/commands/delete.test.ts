import { expect } from 'chai';
import {
  anthropicBatch,
  deleteOpenAIFile,
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  seedAnthropic,
} from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { deleteSchema, errorSchema, parseAs } from '../support/json-schemas.js';
import { hasTerminal, runInTerminal } from '../support/terminal.js';
import { anthropicRequests, NEVER, openaiRequests, startWorld, type World } from '../support/world.js';

describe('batch delete', () => {
  let world: World;
  before(async () => {
    world = await startWorld({ outcome: ({ index }) => (index === 0 ? 'errored' : undefined) });
  });
  after(() => world.close());

  it('says on OpenAI that there is no such operation: exit code 3, no key needed, no request sent', async () => {
    world.sandbox.resetRequests();
    const keyless = { env: { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined } };
    const [text, colon, json] = await Promise.all([
      world.run(['batch', 'delete', '--batch-id', 'batch_ghi789', '--provider', 'openai'], keyless),
      world.run(['batch:delete', 'batch_ghi789'], keyless),
      world.run(['batch', 'delete', 'batch_ghi789', '--json'], keyless),
    ]);
    expectFailure(text, {
      code: 3,
      says: /^Note: OpenAI does not support batch deletion via API$/,
      advises: /--with-files/,
    });
    expect(colon).to.deep.equal(text);
    expect(json.code).to.equal(3);
    expect(parseAs(errorSchema, json.stdout).error).to.include({
      code: 'unsupported',
      message: 'OpenAI does not support batch deletion via API',
      exit_code: 3,
    });
    expect(world.sandbox.requests).to.deep.equal([]);
  });

  it('deletes an ended batch on Anthropic', async () => {
    const [one, two] = await Promise.all([
      endedAnthropic(world, anthropicRequests(1)),
      endedAnthropic(world, anthropicRequests(1)),
    ]);
    const [text, json] = await Promise.all([
      world.run(['batch', 'delete', '--batch-id', one, '--provider', 'anthropic']),
      world.run(['batch', 'delete', two, '--json']),
    ]);
    expect(text).to.deep.equal({ code: 0, stdout: `${one} deleted\n`, stderr: '' });
    expect(parseAs(deleteSchema, json.stdout)).to.deep.equal({
      id: two,
      provider: 'anthropic',
      deleted: true,
      files: [],
    });
    expect(await anthropicBatch(world, one)).to.have.property('error');
  });

  it('explains what to do about a running one', async () => {
    const running = await startWorld({ timing: NEVER });
    try {
      const [id = ''] = await seedAnthropic(running, anthropicRequests(1));
      const result = await running.run(['batch', 'delete', '--batch-id', id]);
      expectFailure(result, {
        code: 5,
        says: /is still processing; only a batch that has ended can be deleted/,
        advises: /batch cancel/,
      });
    } finally {
      await running.close();
    }
  });

  it("deletes the batch's files on OpenAI with --with-files --yes", async () => {
    const id = await endedOpenAI(world, openaiRequests(2));
    const batch = await openaiBatch(world, id);
    const files = ['input_file_id', 'output_file_id', 'error_file_id'].map((key) => String(batch[key]));
    await deleteOpenAIFile(world, files[0] ?? '');

    const result = await world.run(['batch', 'delete', id, '--with-files', '--yes']);

    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout.trim().split('\n').sort()).to.deep.equal(
      [`${files[0]} was gone already`, `${files[1]} deleted`, `${files[2]} deleted`].sort(),
    );
    const again = await world.run(['batch', 'delete', id, '--with-files', '--yes', '--json']);
    const { deleted, files: gone } = parseAs(deleteSchema, again.stdout);
    expect(deleted).to.equal(false);
    expect(gone.map((file) => file.deleted)).to.deep.equal([false, false, false]);
  });

  it('asks before files are deleted, and deletes none when nobody can be asked or the answer is no', async function () {
    const id = await endedOpenAI(world, openaiRequests(1));
    const before = world.sandbox.stats().filesDeleted;
    const alone = await world.run(['batch', 'delete', id, '--with-files']);
    expectFailure(alone, { code: 2, says: /cannot be undone/, advises: /--yes/ });
    if (hasTerminal()) {
      const where = { cwd: world.folder, env: world.env };
      const [no, interrupted] = await Promise.all([
        runInTerminal(['batch', 'delete', id, '--with-files'], {
          ...where,
          answer: { to: /\[y\/N\]/, type: 'n\r' },
        }),
        runInTerminal(['batch', 'delete', id, '--with-files'], { ...where, interruptAfter: /\[y\/N\]/ }),
      ]);
      expect(no.output).to.match(/Nothing was deleted/);
      expect(no.code).to.equal(1);
      expect(interrupted.code).to.equal(130);
    }
    expect(world.sandbox.stats().filesDeleted).to.equal(before);
    if (!hasTerminal()) return;
    const yes = await runInTerminal(['batch', 'delete', id, '--with-files'], {
      cwd: world.folder,
      env: world.env,
      answer: { to: /\[y\/N\]/, type: 'y\r' },
    });
    expect(yes.code, yes.output).to.equal(0);
    expect(world.sandbox.stats().filesDeleted).to.be.greaterThan(before);
  });

  it('fails when there is no such batch, or no id', async () => {
    const [absent, none] = await Promise.all([
      world.run(['batch', 'delete', 'msgbatch_doesnotexist']),
      world.run(['batch', 'delete']),
    ]);
    expectFailure(absent, { code: 1, says: /doesnotexist|not found/i, advises: /batch list/, requestId: '' });
    expectFailure(none, { code: 2, says: /batch-id/, advises: /batch list/ });
  });
});
