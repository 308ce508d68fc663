import { expect } from 'chai';
import { asRun, MODELS, PROVIDERS, startRunWorld, type RunWorld } from '../support/run-world.js';
import { NEVER } from '../support/world.js';

describe('batch run: what is sent when', () => {
  let world: RunWorld;
  let endless: RunWorld;
  before(async () => {
    world = await startRunWorld({
      outcome: ({ customId, provider }) =>
        provider === 'anthropic' && customId === 't1' ? 'errored' : undefined,
    });
    endless = await startRunWorld({ timing: { ...NEVER, cancellingMs: 0 } });
  });
  after(() => Promise.all([world.close(), endless.close()]));

  const createdBy = (name: string, { sandbox }: RunWorld = world): number =>
    sandbox.created().filter(({ metadata }) => metadata?.['instructor_run'] === name).length;

  for (const provider of PROVIDERS) {
    it(`--detach sends once, leaves, and asks nothing again while the batches run (${provider})`, async () => {
      const before = endless.sandbox.created().length;
      const name = `left-${provider}`;
      const more = ['--model', MODELS[provider], '--max-requests', '4', '--detach', '--yes', '--json'];
      const { code, stdout, stderr } = await endless.begin(name, more);
      expect(code, stderr).to.equal(0);
      const run = asRun(stdout);
      expect(run).to.include({ status: 'running', summary: null, rounds: 1 });
      expect(run.batches.map(({ phase }) => phase)).to.deep.equal(['running', 'running']);
      expect(stderr).to.include(`To go on: instructor batch run --resume .instructor/runs/${name}`);
      expect(endless.sandbox.created()).to.have.length(before + 2);
    });
  }

  it('--detach says what is left to send, and the next process sends that alone', async () => {
    const name = 'room';
    const more = ['--max-requests', '2', '--max-in-flight', '1', '--detach', '--yes'];
    const { code, stdout, stderr } = await world.begin(name, more);
    expect(code, stderr).to.equal(0);
    expect(stdout).to.equal('.instructor/runs/room\n');
    expect(stderr).to.match(/2 batches are not sent yet: they wait for 1 batches in flight/);
    const resumed = await world.resume(name);
    expect(resumed.code, resumed.stderr).to.equal(0);
    expect(createdBy(name)).to.equal(3);
  });

  it('--canary sends the first rows alone, and the rest when they came back well', async () => {
    const run = await world.succeeds('bird', ['--canary', '2', '--max-requests', '3']);
    expect(run.canary).to.deep.equal({
      passed: true,
      message: '2 of 2 rows of the canary have a good answer',
    });
    expect(run.batches.map(({ requests }) => requests)).to.deep.equal([2, 3, 1]);
    const events = (await world.journal('bird')).map(({ event, shard }) => `${event} ${shard ?? ''}`.trim());
    expect(events.indexOf('canary')).to.be.below(events.indexOf('submitting s0002'));
  });

  it('stops after a canary that failed, says why, and goes on only when more may fail', async () => {
    const model = ['--model', MODELS.anthropic];
    const before = world.sandbox.created().length;
    const bad = await world.begin('dead-bird', [
      ...model,
      '--canary',
      '2',
      '--yes',
      '--output',
      'bird.jsonl',
    ]);
    expect(bad.code, bad.stderr).to.equal(1);
    expect(bad.stderr).to.match(/The run stopped \(canary\): 1 of 2 rows of the canary failed, more than 10 %\. Most often: .* \(t1\)/); // prettier-ignore
    expect(bad.stderr).to.include('To go on: instructor batch run --resume .instructor/runs/dead-bird');
    expect(world.sandbox.created()).to.have.length(before + 1);
    // What came of each row is told all the same.
    const rows = await world.rows('bird.jsonl');
    expect(rows.map(({ outcome }) => outcome)).to.deep.equal([
      'succeeded', 'errored', 'missing', 'missing', 'missing', 'missing',
    ]); // prettier-ignore
    const again = await world.resume('dead-bird', ['--yes']);
    expect(again.code, 'the same answers are judged the same').to.equal(1);
    const more = await world.resume('dead-bird', ['--max-failures', '50%', '--json']);
    expect(more.code, more.stderr).to.equal(6);
    expect(asRun(more.stdout).outcomes).to.deep.equal({ succeeded: 5, errored: 1 });
    expect(world.sandbox.created()).to.have.length(before + 2);
  });

  it('keeps no more batches in flight than it may, and sends each shard once', async () => {
    const run = await world.succeeds('waves', ['--max-requests', '1', '--max-in-flight', '2']);
    expect(run.batches).to.have.length(6);
    expect(createdBy('waves')).to.equal(6);
    let open = 0;
    for (const { event } of await world.journal('waves')) {
      if (event === 'submitting') open += 1;
      if (event === 'ended') open -= 1;
      expect(open).to.be.at.most(2);
    }
  });

  it('cuts by bytes and by tokens too', async () => {
    const bytes = await world.succeeds('bytes', ['--max-bytes', '500']);
    expect(bytes.batches.map(({ requests }) => requests)).to.deep.equal([2, 2, 2]);
    const tokens = await world.succeeds('tokens', ['--max-tokens-per-batch', '50']);
    expect(tokens.batches.map(({ tokens: sum }) => sum)).to.deep.equal([45, 45]);
  });

  for (const provider of PROVIDERS) {
    it(`looks until a batch whose creation was not answered must be in the list, although no other may be sent (${provider})`, async () => {
      const before = world.sandbox.created().length;
      world.sandbox.setFaults([
        { fault: 'create-lost', count: 1, protocol: provider },
        { fault: 'stale-list', count: 1, ms: 400, protocol: provider },
      ]);
      const more = [
        '--model',
        MODELS[provider],
        '--max-in-flight',
        '1',
        '--max-requests',
        '3',
        '--settle',
        '1',
      ];
      const { code, stderr } = await world.begin(`lost-${provider}`, [...more, '--yes']);
      world.sandbox.setFaults([]);
      expect(code, stderr).to.equal(provider === 'openai' ? 0 : 6);
      expect(world.sandbox.created()).to.have.length(before + 2);
      expect((await world.journal(`lost-${provider}`)).map(({ event }) => event)).to.include('found');
    });
  }
});
