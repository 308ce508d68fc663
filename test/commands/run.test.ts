import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  asRun,
  MODELS,
  PROVIDERS,
  quick,
  startRunWorld,
  tickets,
  type RunWorld,
} from '../support/run-world.js';
import { hasTerminal, runInTerminal } from '../support/terminal.js';
import { ask, jsonLines, NEVER } from '../support/world.js';

const LABEL = ['--response-model', 'label.ts#Label'];

describe('batch run', () => {
  let world: RunWorld;
  let endless: RunWorld;
  before(async () => {
    world = await startRunWorld({
      outcome: ({ customId, turns }) => (customId === 'wrong' && turns === 0 ? 'invalid' : undefined),
    });
    endless = await startRunWorld({ timing: { ...NEVER, cancellingMs: 0 } });
  });
  after(() => Promise.all([world.close(), endless.close()]));

  const run = async (name: string, args: readonly string[], input?: string) =>
    await world.run(['batch', 'run', '--name', name, '--new', '--yes', ...quick(), ...args], { input });

  for (const provider of PROVIDERS) {
    const model = ['--model', MODELS[provider]];

    it(`takes a table to answers beside its rows, in several batches (${provider})`, async () => {
      const output = `${provider}.csv`;
      const more = [...model, ...LABEL, '--max-requests', '2', '--output', output];
      const told = await world.succeeds(`table-${provider}`, more);
      expect(told.batches.map(({ requests }) => requests)).to.deep.equal([2, 2, 2]);
      expect(told.outcomes).to.deep.equal({ succeeded: 6 });
      const [head = '', ...rows] = (await world.read(output)).trim().split('\n');
      expect(head)
        .to.match(/^id,text,/)
        .and.to.match(/label/);
      expect(rows.map((row) => row.slice(0, 18))).to.deep.equal(
        Array.from({ length: 6 }, (_, index) => `t${index},ticket number ${index}`),
      );
      const receipts = await world.rows(world.runFile(`table-${provider}`, 'receipts.jsonl'));
      expect(receipts.map(({ id }) => id)).to.deep.equal(['t0', 't1', 't2', 't3', 't4', 't5']);
    });

    it(`asks a row that does not fit again with the complaint (${provider})`, async () => {
      await world.write('wrong.csv', 'id,text\ngood,one\nwrong,two\n');
      const args = [
        '--input',
        'wrong.csv',
        '--prompt',
        `${provider} {{ text }}`,
        '--id-column',
        'id',
        ...model,
        ...LABEL,
      ];
      const plain = await run(`plain-${provider}`, [...args, '--json']);
      expect(plain.code, plain.stderr).to.equal(6);
      expect(asRun(plain.stdout).outcomes).to.deep.equal({ succeeded: 1, invalid: 1 });
      const healed = await run(`healed-${provider}`, [...args, '--reask', '1', '--json']);
      expect(healed.code, healed.stderr).to.equal(0);
      expect(asRun(healed.stdout)).to.deep.include({ rounds: 2, outcomes: { succeeded: 2 } });
      const [good, wrong] = await world.rows(world.runFile(`healed-${provider}`, 'receipts.jsonl'));
      expect([good?.['attempts'], wrong?.['attempts']]).to.deep.equal([1, 2]);
      const verified = await world.run(['batch', 'run', 'verify', `healed-${provider}`]);
      expect(verified.code, verified.stderr).to.equal(0);
    });

    it(`asks at the deadline directly what batches have not answered (${provider})`, async () => {
      const more = [...model, '--yes', '--json', '--deadline', '2s'];
      const { code, stdout, stderr } = await endless.begin(`dead-${provider}`, more);
      expect(code, stderr).to.equal(0);
      const told = asRun(stdout);
      expect(told.outcomes).to.deep.equal({ succeeded: 6 });
      expect(told.direct).to.deep.equal({ rows: 6, succeeded: 6, failed: 0 });
      const verified = await endless.run(['batch', 'run', 'verify', `dead-${provider}`]);
      expect(verified.code, verified.stderr).to.equal(0);
    });

    it(`leaves the batches running on Ctrl-C, says what goes on, and that does (${provider})`, async () => {
      const name = `cut-${provider}`;
      const before = endless.sandbox.created().length;
      const { code, stderr } = await endless.begin(name, [...model, '--yes'], {
        onStart: (child) =>
          child.stderr.on('data', (text: string) => text.includes(' is batch ') && child.kill('SIGINT')),
      });
      expect(code).to.equal(130);
      expect(stderr).to.include(
        `The batches go on at the provider. To go on: instructor batch run --resume .instructor/runs/${name}`,
      );
      const left = await endless.resume(name, ['--detach']);
      expect(left.code, left.stderr).to.equal(0);
      expect(endless.sandbox.created()).to.have.length(before + 1);
      const cancelled = await endless.run(['batch', 'run', 'cancel', name, '--yes']);
      expect(cancelled.code, cancelled.stderr).to.equal(0);
      const collected = await endless.resume(name, ['--json']);
      expect(collected.code, collected.stderr).to.equal(6);
      expect(asRun(collected.stdout)).to.deep.include({ status: 'cancelled', outcomes: { cancelled: 6 } });
      expect(endless.sandbox.created()).to.have.length(before + 1);
    });
  }

  it('reads JSON Lines, conversations and standard input, and writes each format', async () => {
    const objects = jsonLines([{ text: 'one' }, { text: 'two' }]);
    await world.write('rows.jsonl', objects);
    await world.write('talk.jsonl', jsonLines([{ messages: ask('one') }, { messages: ask('two') }]));
    const prompt = ['--prompt', 'formats {{ text }}'];
    const results = await Promise.all([
      run('f1', ['--input', 'rows.jsonl', ...prompt, '--output', 'f1.parquet']),
      run('f2', ['--messages-file', 'talk.jsonl', '--output', 'f2.jsonl']),
      run('f3', ['--input', '-', '--input-format', 'csv', ...prompt, '--output', 'f3.json'], tickets(2)),
    ]);
    for (const { code, stderr } of results) expect(code, stderr).to.equal(0);
    expect(results.map(({ stdout }) => stdout.trim())).to.deep.equal(['f1.parquet', 'f2.jsonl', 'f3.json']);
    expect(await world.rows('f2.jsonl')).to.have.length(2);
    expect(JSON.parse(await world.read('f3.json'))).to.have.length(2);
    expect((await world.read('f1.parquet')).slice(0, 4)).to.equal('PAR1');
    expect(await world.read(world.runFile('f3', 'input'))).to.equal(tickets(2));
    const again = await run('f4', ['--input', 'f1.parquet', ...prompt, '--output', '-']);
    expect(again.code, again.stderr).to.equal(0);
    expect(again.stdout.trim().split('\n')).to.have.length(2);
  });

  it('leaves out bad rows if it may, and lists them', async () => {
    await world.write('holes.jsonl', `${jsonLines([{ text: 'one' }])}{"text":\n`);
    const args = ['--input', 'holes.jsonl', '--prompt', 'holes {{ text }}', '--json'];
    expect((await run('holes', args)).code).to.not.equal(0);
    const { code, stdout, stderr } = await run('holes', [...args, '--skip-bad-rows']);
    expect(code, stderr).to.equal(0);
    expect(asRun(stdout)).to.include({ requests: 1, skipped: 1 });
    expect(await world.rows(world.runFile('holes', 'skipped.jsonl'))).to.have.length(1);
  });

  it('stops before it costs too much with what is there, and goes on with a higher limit', async () => {
    const more = ['--yes', '--max-requests', '3', '--max-cost', '0.00091', '--output', 'part.jsonl'];
    const { code, stderr } = await world.begin('dear', more);
    expect(code, stderr).to.equal(1);
    expect(stderr).to.match(/The run stopped \(budget\): The next shard may cost up to \$0\.0009/);
    const outcomes = async () => (await world.rows('part.jsonl')).map(({ outcome }) => outcome);
    expect(await outcomes()).to.deep.equal([
      'succeeded', 'succeeded', 'succeeded', 'missing', 'missing', 'missing',
    ]); // prettier-ignore
    const resumed = await world.resume('dear', ['--max-cost', '1']);
    expect(resumed.code, resumed.stderr).to.equal(0);
    expect(await outcomes()).to.deep.equal(Array(6).fill('succeeded'));
  });

  it('refuses a limit on money where the price is unknown, and sends nothing', async () => {
    const before = world.sandbox.created().length;
    const more = ['--yes', '--model', 'openai/mystery-1', '--max-cost', '1'];
    const { code, stderr } = await world.begin('mystery', more);
    expect(code).to.equal(2);
    expect(stderr).to.include('--max-cost cannot be kept: the price of mystery-1');
    expect(world.sandbox.created()).to.have.length(before);
  });

  it('ends with 4 without a key, before anything is made, and with a wrong one, with the way on', async () => {
    const missing = await world.begin('keyless', ['--yes'], { env: { OPENAI_API_KEY: undefined } });
    expect(missing.code).to.equal(4);
    expect(existsSync(join(world.folder, world.runFile('keyless', 'run.json')))).to.equal(false);
    const wrong = await world.begin('wrong-key', ['--yes'], { env: { OPENAI_API_KEY: 'nonsense' } });
    expect(wrong.code).to.equal(4);
    expect(wrong.stderr).to.include('To go on: instructor batch run --resume .instructor/runs/wrong-key');
    const resumed = await world.resume('wrong-key');
    expect(resumed.code, resumed.stderr).to.equal(0);
  });

  for (const columns of [80, 120]) {
    it(`asks once on a terminal of ${columns} columns, and draws no line that is wider`, async function () {
      if (!hasTerminal()) return this.skip();
      const args = [
        'batch',
        'run',
        '--input',
        'tickets.csv',
        '--prompt',
        `${columns} {{ text }}`,
        ...quick(),
      ];
      const { code, output } = await runInTerminal([...args, '--name', `wide-${columns}`], {
        cwd: world.folder,
        env: world.env,
        columns,
        answer: { to: /Send it\?/, type: 'y\r' },
      });
      expect(code, output).to.equal(0);
      // eslint-disable-next-line no-control-regex -- what moves the cursor or colours takes no room
      const plain = output.replace(/\u001B\[[0-9;?]*[A-Za-z]/g, '\r');
      expect(plain.replaceAll('\r', ''))
        .to.match(/Send it\? .*6 rows: 6 succeeded/s)
        .and.include(`wide-${columns}`);
      for (const line of plain.split(/[\r\n]+/).filter((text) => /·|Ctrl-C/.test(text)))
        expect(line.length, line).to.be.at.most(columns);
    });
  }
});
