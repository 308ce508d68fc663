import { cp, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { z } from 'zod';
import { openaiFile, seedAnthropic, seedOpenAI, uploadOpenAI } from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { errorSchema, parseAs, reconcileAdoptSchema, reconcileSchema } from '../support/json-schemas.js';
import { batchRun, eventsOf, lostRun, runId } from '../support/runs.js';
import { hasTerminal, runInTerminal } from '../support/terminal.js';
import { anthropicRequests, openaiRequests, startWorld, type World } from '../support/world.js';

const CLAUDE = ['--model', 'anthropic/claude-haiku-4-5'];

type Findings = z.infer<typeof reconcileSchema>;

async function findings(world: World, ...args: string[]): Promise<Findings & { code: number | string }> {
  const told = await world.run(['batch', 'reconcile', ...args, '--json']);
  return { ...parseAs(reconcileSchema, told.stdout), code: told.code };
}

/** The batch that the newest run made. */
function newest(world: World): string {
  return world.sandbox.created().at(-1)?.id ?? '';
}

describe('batch reconcile at OpenAI', () => {
  let world: World;
  let found: Findings & { code: number | string };
  const ids: Record<string, string> = {};

  before(async () => {
    world = await startWorld();
    await batchRun(world, 'runs/done', '--keep-files');
    await lostRun(world, 'runs/lost');
    ids['lost'] = newest(world);
    const done = await runId(world, 'runs/done');
    const origin = (run: string, name: string) => ({
      metadata: { instructor_nonce: `${run}.s0001.abcdef`, instructor_run: name, instructor_shard: 's0001' },
    });
    [ids['orphan'] = ''] = await seedOpenAI(world, openaiRequests(2), 1, origin(done, 'done'));
    [ids['stranger'] = ''] = await seedOpenAI(world, openaiRequests(1), 1, origin('00000000', 'elsewhere'));
    [ids['foreign'] = ''] = await seedOpenAI(world, openaiRequests(3), 1, { metadata: { team: 'other' } });
    ids['unused'] = await uploadOpenAI(world, `instructor-${done}-s0009.jsonl`, openaiRequests(1));
    ids['young'] = await uploadOpenAI(world, 'instructor-00000000-s0009.jsonl', openaiRequests(1));
    world.sandbox.setFaults([{ fault: 'stuck-finalizing' }]);
    // Of another machine, which is at work at the moment.
    [ids['working'] = ''] = await seedOpenAI(world, openaiRequests(1), 1, {
      ...origin('00000000', 'elsewhere'),
      fileName: 'instructor-00000000-s0001.jsonl',
    });
    await batchRun(world, 'runs/going', '--detach');
    ids['going'] = newest(world);
    found = await findings(world, 'runs');
  });
  after(() => world.close());

  it('names a shard of unknown fate with its batch, recognised by its metadata', () => {
    expect(found.code).to.equal(0);
    expect(found.shards).to.have.length(1);
    expect(found.shards[0]).to.include({ shard: 's0001', phase: 'uncertain', requests: 2, held_by: null });
    expect(found.shards[0]?.directory).to.equal(join(world.folder, 'runs/lost'));
    const [candidate, ...others] = found.shards[0]?.candidates ?? [];
    expect(candidate).to.include({ batch: ids['lost'], matched_by: 'metadata', status: 'completed' });
    expect(others).to.be.empty;
  });

  it('names batches that carry the mark of a run and are in no journal, also of a run not known here', () => {
    const [working, stranger, orphan, ...others] = found.orphaned_batches;
    expect(others).to.be.empty;
    expect(orphan).to.include({
      batch: ids['orphan'],
      shard: 's0001',
      directory: join(world.folder, 'runs/done'),
    });
    expect(stranger).to.include({ batch: ids['stranger'], run: 'elsewhere', directory: null });
    expect(working).to.include({ batch: ids['working'], run: 'elsewhere', status: 'processing' });
  });

  it('names batches of unknown origin', () => {
    expect(found.unknown_batches.map(({ batch }) => batch)).to.deep.equal([ids['foreign']]);
  });

  it('names results that are not fetched, their state, and that nobody says when they expire', () => {
    expect(found.unfetched_results).to.have.length(1);
    expect(found.unfetched_results[0]).to.include({
      batch: ids['going'],
      shard: 's0001',
      status: 'processing',
      answers_expire_at: null,
    });
  });

  it('names request files of ended batches or of none, and no file that may still be needed', () => {
    const [first, second, ...others] = found.leftover_files;
    expect(others).to.be.empty;
    const done = found.runs[0]?.run_id;
    expect(first).to.include({ file: ids['unused'], shard: 's0009', run_id: done, removed: null });
    expect(first?.batches).to.be.empty;
    expect(second).to.include({ name: `instructor-${done}-s0001.jsonl`, shard: 's0001', removed: null });
    expect(second?.batches).to.deep.equal([world.sandbox.created()[0]?.id]);
  });

  it('says all of it to people on 80 columns, with what to do about it on standard error', async () => {
    const told = await world.run(['batch', 'reconcile', 'runs']);
    expect(told.code).to.equal(0);
    expect(told.stdout.split('\n').every((line) => line.length <= 80)).to.be.true;
    for (const id of ['lost', 'orphan', 'stranger', 'foreign', 'going', 'unused'])
      expect(told.stdout, id).to.include(ids[id]);
    expect(told.stdout)
      .to.match(/answers expire: unknown/)
      .and.match(/kept on purpose \(--keep-files\)/);
    expect(told.stderr)
      .to.match(/batch run --resume runs\/lost/)
      .and.match(/batch reconcile runs --cleanup/);
  });

  it('looks at a single run, and takes what its neighbours know for known', async () => {
    const one = await findings(world, 'runs/going');
    expect(one.runs.map(({ directory }) => directory)).to.deep.equal([join(world.folder, 'runs/going')]);
    expect(one.unfetched_results).to.have.length(1);
    expect(one.leftover_files).to.be.empty;
    expect(one.shards).to.be.empty;
    expect(one.orphaned_batches.map(({ batch }) => batch)).to.not.include(ids['orphan']);
    expect(one.unknown_batches.map(({ batch }) => batch)).to.deep.equal([ids['foreign']]);
  });

  it('asks one provider alone if told so', async () => {
    const none = await findings(world, 'runs', '--provider', 'anthropic');
    expect(none).to.deep.equal({
      ...{ code: 0, runs: [], broken_runs: [], problems: [], shards: [], orphaned_batches: [] },
      ...{ unknown_batches: [], unfetched_results: [], leftover_files: [] },
    });
  });

  it('needs a key: exit code 4', async () => {
    const told = await world.run(['batch', 'reconcile', 'runs', '--json'], {
      env: { OPENAI_API_KEY: undefined },
    });
    expect(told.code).to.equal(4);
    expect(parseAs(errorSchema, told.stdout).error.code).to.equal('credentials');
  });

  it('names a run that cannot be read, and reports the others: exit code 1', async () => {
    await cp(join(world.folder, 'runs/done'), join(world.folder, 'damaged/done'), { recursive: true });
    await world.write('damaged/bad/run.json', '{"format": 1');
    const told = await findings(world, 'damaged');
    expect(told.code).to.equal(1);
    expect(told.runs).to.have.length(1);
    expect(told.broken_runs.map(({ directory }) => directory)).to.deep.equal([
      join(world.folder, 'damaged/bad'),
    ]);
    const alone = await world.run(['batch', 'reconcile', 'damaged/bad']);
    expectFailure(alone, { code: 1, says: /run\.json is damaged/ });
  });

  it('takes a folder that is not there for a mistake, and no runs for none', async () => {
    expectFailure(await world.run(['batch', 'reconcile', 'nowhere']), { code: 2, says: /nowhere/ });
    expectFailure(await world.run(['batch', 'reconcile', 'runs', '--adopt', 'none']), {
      code: 2,
      says: /directory of one run/,
    });
    const told = await world.run(['batch', 'reconcile']);
    expect(told.code).to.equal(0);
    expect(told.stderr).to.match(/There are no runs/);
  });

  describe('--cleanup', () => {
    const deleted = (): number => world.sandbox.stats().filesDeleted;

    it('removes nothing where there is nobody to ask', async () => {
      const told = await world.run(['batch', 'reconcile', 'runs', '--cleanup']);
      expect(told.code).to.equal(2);
      expect(told.stdout).to.include(ids['unused']);
      expect(told.stderr).to.match(/--yes/);
      expect(deleted()).to.equal(0);
    });

    it('asks after showing the files, and removes none if the answer is no', async function () {
      if (!hasTerminal()) this.skip();
      const told = await runInTerminal(['batch', 'reconcile', 'runs', '--cleanup'], {
        cwd: world.folder,
        env: world.env,
        columns: 80,
        answer: { to: /\[y\/N\]/, type: 'n\n' },
      });
      expect(told.code).to.equal(1);
      expect(told.output.indexOf(ids['unused'] ?? '?')).to.be.within(0, told.output.indexOf('[y/N]'));
      expect(deleted()).to.equal(0);
    });

    it('removes with --yes, notes it in the journal, and leaves what is in use', async () => {
      const told = await findings(world, 'runs', '--cleanup', '--yes');
      expect(told.code).to.equal(0);
      expect(told.leftover_files.map(({ removed }) => removed)).to.deep.equal([true, true]);
      expect(deleted()).to.equal(2);
      expect(await eventsOf(world, 'runs/done', 'removed')).to.have.length(1);
      expect((await openaiFile(world, ids['young'] ?? '')).toString()).to.equal(openaiRequests(1));
      const again = await world.run(['batch', 'reconcile', 'runs', '--cleanup', '--yes']);
      expect(again.code).to.equal(0);
      expect(again.stderr).to.match(/no request files to remove/);
      expect(deleted()).to.equal(2);
    });

    it('leaves the runs able to go on: the lost batch is found, the other one fetched', async () => {
      world.sandbox.setFaults([]);
      world.sandbox.release();
      const before = world.sandbox.created().length;
      for (const folder of ['runs/lost', 'runs/going']) {
        const flags = ['--poll', '0.05', '--settle', '0.3'];
        const done = await world.run(['batch', 'run', '--resume', folder, ...flags]);
        expect(done.code, done.stderr).to.equal(0);
      }
      expect(world.sandbox.created()).to.have.length(before);
      const told = await findings(world, 'runs');
      expect(told.shards).to.be.empty;
      expect(told.unfetched_results).to.be.empty;
    });
  });
});

describe('batch reconcile --adopt', () => {
  let world: World;
  let lost: string[];

  before(async () => {
    world = await startWorld();
    await lostRun(world, 'runs/lost', { shards: 2, flags: ['--max-requests', '1'] });
    lost = world.sandbox.created().map(({ id }) => id);
    await batchRun(world, 'runs/done', '--keep-files');
  });
  after(() => world.close());

  const adopt = async (...args: string[]) =>
    await world.run(['batch', 'reconcile', 'runs/lost', '--adopt', ...args]);

  it('asks which shard is meant if several are in question', async () => {
    expectFailure(await adopt(lost[0] ?? ''), {
      code: 2,
      says: /s0001 \(uncertain\), s0002 \(uncertain\)/,
      advises: /--shard s0001/,
    });
    expectFailure(await adopt(lost[0] ?? '', '--shard', 's0007'), { code: 2, says: /no shard s0007/ });
  });

  it('refuses a batch that another run has, even by force', async () => {
    const claimed = newest(world);
    for (const flags of [[], ['--force']])
      expectFailure(await adopt(claimed, '--shard', 's0001', ...flags), {
        code: 2,
        says: /belongs to shard s0001 of the run/,
      });
  });

  it('refuses a batch of another shard, of another size, with other answers, or that does not exist', async () => {
    const [large = ''] = await seedOpenAI(world, openaiRequests(3));
    const [other = ''] = await seedOpenAI(world, openaiRequests(1).replace('row-0', 'other'));
    const [first, second, third, none] = await Promise.all([
      adopt(lost[1] ?? '', '--shard', 's0001'),
      adopt(large, '--shard', 's0001'),
      adopt(other, '--shard', 's0001'),
      adopt('batch_0000', '--shard', 's0001'),
    ]);
    expectFailure(first, { code: 2, says: /made of shard s0002/, advises: /--force/ });
    expectFailure(second, { code: 2, says: /holds 3 requests/, advises: /--force/ });
    expectFailure(third, { code: 2, says: /answers to other requests/, advises: /--force/ });
    expect(none.code).to.equal(1);
    expect(await eventsOf(world, 'runs/lost', 'found')).to.be.empty;
    expect(await eventsOf(world, 'runs/lost', 'resumed')).to.be.empty;
  });

  it('does not send a shard again whose batch is there for certain', async () => {
    expectFailure(await adopt('none', '--shard', 's0001'), {
      code: 2,
      says: new RegExp(`There is a batch of shard s0001: ${lost[0]}`),
    });
  });

  it('leaves a run alone that a process works on', async () => {
    const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString(), token: 'test' };
    const lock = await world.write('runs/lost/lock', JSON.stringify(holder));
    const told = await adopt(lost[0] ?? '', '--shard', 's0001');
    await rm(lock);
    expectFailure(told, { code: 5, says: /works on this run/ });
    expect(await eventsOf(world, 'runs/lost', 'found')).to.be.empty;
  });

  it('takes the right one into the journal, and the run goes on with it', async () => {
    const told = await adopt(lost[0] ?? '', '--shard', 's0001', '--json');
    expect(told.code, told.stderr).to.equal(0);
    expect(parseAs(reconcileAdoptSchema, told.stdout)).to.include({ shard: 's0001', batch: lost[0] });
    const [event] = await eventsOf(world, 'runs/lost', 'found');
    expect(event).to.include({ shard: 's0001', batch: lost[0], by: 'the user' });
    expectFailure(await adopt(lost[0] ?? '', '--shard', 's0001'), { code: 5, says: /is running/ });
    const text = await adopt(lost[1] ?? '');
    expect(text.stdout).to.match(/^s0002 of \S+ is batch batch_/);
    expectFailure(await adopt('none'), { code: 5, says: /nothing to decide/ });
    const before = world.sandbox.created().length;
    const done = await world.run(['batch', 'run', '--resume', 'runs/lost', '--poll', '0.05']);
    expect(done.code, done.stderr).to.equal(0);
    expect(world.sandbox.created()).to.have.length(before);
  });
});

describe('batch reconcile at Anthropic, which keeps no metadata', () => {
  let world: World;
  before(async () => {
    world = await startWorld({ retryAfterSeconds: 1 });
  });
  after(() => world.close());

  /** A run that cannot tell its batch from another one with the same custom ids. */
  async function undecided(folder: string): Promise<{ other: string; own: string }> {
    const twin = anthropicRequests(2).replace('row-1', 'row-2').replace('row-0', 'row-1');
    const [other = ''] = await seedAnthropic(world, twin);
    world.sandbox.setFaults([{ fault: 'create-lost', count: 1 }]);
    const run = await batchRun(world, folder, ...CLAUDE);
    expect(run.code, run.stderr).to.equal(5);
    return { other, own: newest(world) };
  }

  it('shows what may be the batch of a shard by time and count', async () => {
    await lostRun(world, 'alone/lost', { flags: CLAUDE });
    const [large = ''] = await seedAnthropic(world, anthropicRequests(5));
    const found = await findings(world, 'alone');
    expect(found.code).to.equal(0);
    expect(found.shards[0]?.phase).to.equal('uncertain');
    expect(found.shards[0]?.candidates.map(({ batch, matched_by }) => [batch, matched_by])).to.deep.equal([
      [world.sandbox.created()[0]?.id, 'time and count'],
    ]);
    expect(found.unknown_batches.map(({ batch }) => batch)).to.deep.equal([large]);
    // So that the next runs do not meet it.
    const adopted = await world.run(['batch', 'reconcile', 'alone/lost', '--adopt', newestLost(found)]);
    expect(adopted.code, adopted.stderr).to.equal(0);
    expect((await findings(world, 'alone')).unfetched_results[0]).to.include({
      status: 'completed',
      answers_expire_at: null,
    });
  });

  it('ends with exit code 5 where the user has to decide, and says how', async () => {
    const { other, own } = await undecided('runs/undecided');
    const told = await world.run(['batch', 'reconcile', 'runs']);
    expect(told.code).to.equal(5);
    expect(told.stderr).to.match(/batch reconcile runs\/undecided --shard s0001 --adopt ID \(or none\)/);
    const found = await findings(world, 'runs');
    expect(found.shards[0]?.candidates.map(({ batch }) => batch)).to.include.members([other, own]);
    expect(found.unknown_batches.map(({ batch }) => batch)).to.not.include.members([other, own]);

    const adopted = await world.run(['batch', 'reconcile', 'runs/undecided', '--adopt', own]);
    expect(adopted.code, adopted.stderr).to.equal(0);
    const after = await findings(world, 'runs');
    expect(after.code).to.equal(0);
    expect(after.unfetched_results.map(({ batch, status }) => [batch, status])).to.deep.equal([
      [own, 'completed'],
    ]);
    expect(after.unknown_batches.map(({ batch }) => batch)).to.include(other);
  });

  it('sends a shard again if the user says that there is no batch of it', async () => {
    await undecided('again/undecided');
    const told = await world.run(['batch', 'reconcile', 'again/undecided', '--adopt', 'none']);
    expect(told.code, told.stderr).to.equal(0);
    expect(told.stdout).to.match(/s0001 of \S+ has no batch, and is sent again/);
    const before = world.sandbox.created().length;
    const done = await world.run(['batch', 'run', '--resume', 'again/undecided', '--poll', '0.05']);
    expect(done.code, done.stderr).to.equal(0);
    expect(world.sandbox.created()).to.have.length(before + 1);
  });
});

function newestLost({ shards }: Findings): string {
  return shards[0]?.candidates[0]?.batch ?? '';
}
