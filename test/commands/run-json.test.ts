import { expect } from 'chai';
import {
  errorSchema,
  parseAs,
  runCancelSchema,
  runListSchema,
  runSchema,
  runStatusSchema,
  runVerifySchema,
} from '../support/json-schemas.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';
import { NEVER } from '../support/world.js';

describe('--json of the commands about runs', () => {
  let world: RunWorld;
  let endless: RunWorld;
  before(async () => {
    world = await startRunWorld();
    endless = await startRunWorld({ timing: { ...NEVER, cancellingMs: 0 } });
    const { code, stderr } = await world.begin('done', [
      '--yes',
      '--max-requests',
      '4',
      '--output',
      'out.csv',
    ]);
    expect(code, stderr).to.equal(0);
  });
  after(() => Promise.all([world.close(), endless.close()]));

  it('batch run tells the same run before and after, and what came of its rows', async () => {
    const planned = await world.begin('facts', ['--dry-run', '--json', '--canary', '2', '--max-cost', '1']);
    expect(planned.code, planned.stderr).to.equal(0);
    const plan = parseAs(runSchema, planned.stdout);
    expect(plan).to.deep.include({ run: 'facts', status: 'planned', requests: 6, rounds: 1, summary: null });
    expect(plan.cost).to.include({ spent_usd: 0, limit_usd: 1 });
    const { code, stdout } = await world.resume('facts', ['--yes', '--json']);
    expect(code).to.equal(0);
    const run = parseAs(runSchema, stdout);
    expect(run).to.include({ id: plan.id, status: 'finished' });
    expect(run.outcomes).to.deep.equal({ succeeded: 6 });
    expect(run.summary?.outcomes).to.deep.equal({ succeeded: 6 });
    expect(run.canary?.passed).to.equal(true);
    expect(run.batches.map(({ requests, phase }) => [requests, phase])).to.deep.equal([
      [2, 'collected'],
      [4, 'collected'],
    ]);
  });

  it('batch run status and batch run list tell it from the directory alone, without a key', async () => {
    const env = { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined };
    const [status, list] = await Promise.all([
      world.run(['batch', 'run', 'status', 'done', '--json'], { env }),
      world.run(['batch', 'run', 'list', '--json'], { env }),
    ]);
    const run = parseAs(runStatusSchema, status.stdout);
    expect(run).to.include({ run: 'done', status: 'finished', held_by: null });
    const { runs } = parseAs(runListSchema, list.stdout);
    expect(runs.at(-1)).to.include({ run: 'done', id: run.id });
  });

  it('batch run verify counts rows and files, and names what it finds', async () => {
    const whole = parseAs(
      runVerifySchema,
      (await world.run(['batch', 'run', 'verify', 'done', '--json'])).stdout,
    );
    expect(whole).to.include({ verified: true, rows: 6, more_findings: 0 });
    const planned = await endless.begin('planned', ['--dry-run']);
    expect(planned.code).to.equal(0);
    const { code, stdout } = await endless.run(['batch', 'run', 'verify', 'planned', '--json']);
    expect(code).to.equal(1);
    expect(parseAs(runVerifySchema, stdout).findings.map((finding) => finding.code)).to.deep.equal([
      'unfinished',
    ]);
  });

  it('batch run cancel tells the run as it is then', async () => {
    const { code, stderr } = await endless.begin('long', ['--yes', '--detach']);
    expect(code, stderr).to.equal(0);
    const cancelled = await endless.run(['batch', 'run', 'cancel', 'long', '--yes', '--json']);
    expect(cancelled.code, cancelled.stderr).to.equal(0);
    expect(parseAs(runCancelSchema, cancelled.stdout)).to.include({ run: 'long', status: 'cancelled' });
  });

  it('says what is wrong as any other command', async () => {
    const { code, stdout } = await world.run(['batch', 'run', 'status', 'nowhere', '--json']);
    expect(code).to.equal(2);
    expect(parseAs(errorSchema, stdout).error.message).to.equal('nowhere is not the directory of a run');
  });
});
