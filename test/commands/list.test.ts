import { expect } from 'chai';
import {
  anthropicBatch,
  endedAnthropic,
  endedOpenAI,
  openaiBatch,
  seedAnthropic,
  seedOpenAI,
  until,
} from '../support/batches.js';
import { expectClean, expectFailure } from '../support/expect-failure.js';
import { errorSchema, listSchema, parseAs } from '../support/json-schemas.js';
import type { RunResult } from '../support/run-instructor.js';
import { openaiBatchObject, sendJson, startFaultyServer } from '../support/faulty-server.js';
import { hasTerminal, runInTerminal } from '../support/terminal.js';
import {
  anthropicRequests,
  envFor,
  linesOf,
  NEVER,
  openaiRequests,
  startWorld,
  type World,
} from '../support/world.js';

describe('batch list', () => {
  let world: World;
  let openai: string[];
  let anthropic: string;

  before(async () => {
    world = await startWorld({ outcome: ({ customId }) => (customId === 'row-2' ? 'errored' : undefined) });
    const first = await endedOpenAI(world, openaiRequests(3), { metadata: { team: 'red', run: '1' } });
    const second = await endedOpenAI(world, openaiRequests(3), { metadata: { team: 'blue' } });
    const failed = await endedOpenAI(world, openaiRequests(1), { endpoint: '/v1/responses' });
    openai = [failed, second, first];
    anthropic = await endedAnthropic(world, anthropicRequests(3));
  });
  after(() => world.close());

  it("shows OpenAI's table on stdout, and nothing on stderr", async () => {
    const [blank, colon, named] = await Promise.all([
      world.run(['batch', 'list']),
      world.run(['batch:list', '--no-live', '--no-screen']),
      world.run(['batch', 'list', '--provider', 'openai']),
    ]);

    expect(blank.code).to.equal(0);
    expect(blank.stderr).to.equal('');
    const lines = blank.stdout.trimEnd().split('\n');
    expect(lines[0]?.trim()).to.equal('OpenAI Batch Jobs');
    expect(cellsOf(lines[2])).to.deep.equal([
      'Batch ID', 'Status', 'Created', 'Started', 'Duration', 'Completed', 'Failed', 'Total',
    ]); // prettier-ignore
    expect(lines[1]).to.match(/^┏[━┳]+┓$/);
    expect(lines[3]).to.match(/^┡[━╇]+┩$/);
    expect(lines.at(-1)).to.match(/^└[─┴]+┘$/);
    const rows = lines.slice(4, -1).map(cellsOf);
    expect(rows.map(([id]) => id)).to.have.members(openai);
    const done = rows.find(([id]) => id === openai[2]) ?? [];
    expect(done[1]).to.equal('completed');
    expect(done[2]).to.match(/^\d\d\/\d\d \d\d:\d\d$/);
    expect(done[3]).to.match(/^\d\d\/\d\d \d\d:\d\d$/);
    expect(done[4]).to.match(/^\ds$/);
    expect(done.slice(5)).to.deep.equal(['2', '1', '3']);
    const failed = rows.find(([id]) => id === openai[0]) ?? [];
    expect([failed[1], failed[3], failed[4]]).to.deep.equal(['failed', 'N/A', 'N/A']);
    expect(colon.stdout).to.equal(blank.stdout);
    expect(named.stdout).to.equal(blank.stdout);
  });

  it("shows Anthropic's own counts, and takes the deprecated flags with a warning", async () => {
    const [named, deprecated, negated, contradiction] = await Promise.all([
      world.run(['batch', 'list', '--provider', 'anthropic']),
      world.run(['batch', 'list', '--use-anthropic']),
      world.run(['batch', 'list', '--no-use-anthropic']),
      world.run(['batch', 'list', '--use-anthropic', '--provider', 'openai']),
    ]);

    expect(named.stdout).to.include('Anthropic Batch Jobs');
    expect(cellsOf(named.stdout.split('\n')[2])).to.include.members(['Succeeded', 'Errored', 'Processing']);
    expect(cellsOf(named.stdout.split('\n')[4]).slice(5)).to.deep.equal(['2', '1', '0']);
    expect(named.stderr).to.equal('');
    expect(deprecated.stdout).to.equal(named.stdout);
    expect(deprecated.stderr).to.match(
      /^Warning: --use-anthropic is deprecated: .*--provider anthropic.*--model anthropic\//,
    );
    expect(negated.stdout).to.include('OpenAI Batch Jobs');
    expect(negated.stderr).to.match(/^Warning: --no-use-anthropic is deprecated: /);
    expectFailure(contradiction, {
      code: 2,
      says: /--use-anthropic contradicts --provider openai/,
      advises: /Leave one/,
    });
  });

  it('gives one documented JSON document', async () => {
    const [one, two, limited] = await Promise.all([
      world.run(['batch', 'list', '--json']),
      world.run(['batch', 'list', '--provider', 'anthropic', '--json']),
      world.run(['batch', 'list', '--json', '--limit', '1']),
    ]);
    const { batches } = parseAs(listSchema, one.stdout);
    expect(one.stderr).to.equal('');
    expect(batches.map(({ id }) => id)).to.have.members(openai);
    const [failed] = batches.filter(({ status }) => status === 'failed');
    expect(failed?.problems[0]).to.include({ line: 1 });
    expect(batches.find(({ id }) => id === openai[2])?.metadata).to.deep.equal({ team: 'red', run: '1' });
    const [batch] = parseAs(listSchema, two.stdout).batches;
    expect(batch).to.deep.include({
      id: anthropic,
      provider: 'anthropic',
      status: 'completed',
      raw_status: 'ended',
    });
    expect(batch?.requests).to.deep.equal({ total: 3, succeeded: 2, failed: 1, processing: 0 });
    expect(parseAs(listSchema, limited.stdout).batches).to.have.length(1);
  });

  it('filters by status, age and metadata', async () => {
    const ids = async (...flags: string[]): Promise<string[]> => {
      const { stdout, code, stderr } = await world.run(['batch', 'list', '--json', ...flags]);
      expect(code, stderr).to.equal(0);
      return parseAs(listSchema, stdout).batches.map(({ id }) => id);
    };
    const [failed, both, none, recent, future, red, unmatched, words] = await Promise.all([
      ids('--status', 'failed'),
      ids('--status', 'failed', '--status', 'completed'),
      ids('--status', 'expired'),
      ids('--since', '1h'),
      ids('--since', '2099-01-01'),
      ids('--metadata', 'team=red', '--metadata', 'run=1'),
      ids('--metadata', 'team=red', '--metadata', 'run=2'),
      world.run(['batch', 'list', '--status', 'expired']),
    ]);
    expect(failed).to.deep.equal([openai[0]]);
    expect(both).to.have.members(openai);
    expect(none).to.deep.equal([]);
    expect(recent).to.have.members(openai);
    expect(future).to.deep.equal([]);
    expect(red).to.deep.equal([openai[2]]);
    expect(unmatched).to.deep.equal([]);
    expect(words).to.deep.equal({ code: 0, stdout: 'No batches found at OpenAI\n', stderr: '' });
  });

  it('refuses what it cannot make sense of', async () => {
    const wrong = async (...flags: string[]): Promise<RunResult> =>
      await world.run(['batch', 'list', ...flags]);
    const results = await Promise.all([
      wrong('--limit', '0'),
      wrong('--limit', 'many'),
      wrong('--poll', '0'),
      wrong('--since', 'yesterday-ish'),
      wrong('--metadata', 'team'),
      wrong('--status', 'done'),
      wrong('--provider', 'acme'),
      wrong('--all-providers', '--provider', 'openai'),
    ]);
    const says = [
      /limit|integer/i,
      /integer/i,
      /above 0/,
      /--since "yesterday-ish"/,
      /--metadata "team".*key=value/,
      /--status/,
      /acme/,
      /--all-providers|--provider/,
    ];
    for (const [index, result] of results.entries()) {
      expectFailure(result, { code: 2, says: says[index] ?? /./, advises: /Try:/ });
    }
  });

  it('lists all providers in one table, newest first, with the common counts', async () => {
    const [table, json, oneKey, noKey, broken] = await Promise.all([
      world.run(['batch', 'list', '--all-providers']),
      world.run(['batch', 'list', '--all-providers', '--json', '--limit', '3']),
      world.run(['batch', 'list', '--all-providers'], { env: { ANTHROPIC_API_KEY: undefined } }),
      world.run(['batch', 'list', '--all-providers'], {
        env: { ANTHROPIC_API_KEY: undefined, OPENAI_API_KEY: undefined },
      }),
      world.run(['batch', 'list', '--all-providers'], { env: { ANTHROPIC_API_KEY: 'wrong' } }),
    ]);
    expect(table.stderr).to.equal('');
    const lines = table.stdout.split('\n');
    expect(lines[0]?.trim()).to.equal('Batch Jobs');
    expect(cellsOf(lines[2])).to.deep.equal([
      'Batch ID', 'Provider', 'Status', 'Created', 'Started', 'Duration', 'Succeeded', 'Failed', 'Total',
    ]); // prettier-ignore
    const rows = lines.slice(4, -2).map(cellsOf);
    expect(rows.map(([id]) => id)).to.have.members([...openai, anthropic]);
    expect(rows.find(([id]) => id === anthropic)?.slice(6)).to.deep.equal(['2', '1', '3']);
    expect(parseAs(listSchema, json.stdout).batches).to.have.length(3);
    expect(oneKey.code).to.equal(0);
    expect(oneKey.stdout).to.include(openai[0]).and.to.not.include(anthropic);
    expect(oneKey.stderr).to.match(/^Warning: Anthropic was left out: .*ANTHROPIC_API_KEY/);
    expectFailure(noKey, { code: 4, says: /no key/i, advises: /environment/ });
    expect(broken.code).to.equal(0);
    expect(broken.stderr).to.match(/^Warning: Anthropic was left out: .*(key|token)/);
  });

  for (const width of [80, 120, 160]) {
    it(`fits ${width} columns`, async () => {
      const { stdout } = await world.run(['batch', 'list'], { env: { COLUMNS: String(width) } });
      expectToFit(stdout, width);
      const [, , head, , row] = stdout.split('\n');
      expect(cellsOf(head), 'no title is cut').to.deep.equal([
        'Batch ID', 'Status', 'Created', 'Started', 'Duration', 'Completed', 'Failed', 'Total',
      ]); // prettier-ignore
      const [id = ''] = cellsOf(row);
      if (width < 160) expect(id).to.match(/^batch_[0-9a-f]{3,}\.\.\.$/);
      else expect(openai).to.include(id);
    });
  }

  it('fits 80 columns with all providers as well, and --full-id cuts nothing', async () => {
    const env = { COLUMNS: '80' };
    const [all, full] = await Promise.all([
      world.run(['batch', 'list', '--all-providers'], { env }),
      world.run(['batch', 'list', '--full-id'], { env }),
    ]);
    for (const id of openai) expect(full.stdout).to.include(id);
    expectToFit(all.stdout, 80);
  });

  it('colours the status where colours are wanted, and nowhere else', async () => {
    const [forced, flag, refused] = await Promise.all([
      world.run(['batch', 'list'], { env: { FORCE_COLOR: '1' } }),
      world.run(['batch', 'list', '--color']),
      world.run(['batch', 'list', '--no-color'], { env: { FORCE_COLOR: '1' } }),
    ]);
    expect(forced.stdout).to.include('\u001B[32mcompleted').and.to.include('\u001B[31mfailed');
    expect(flag.stdout).to.include('\u001B[32mcompleted');
    expect(refused.stdout).to.not.include('\u001B');
  });
});

describe('batch list over many pages', function () {
  let world: World;
  before(async function () {
    this.timeout(30_000);
    world = await startWorld();
    await seedOpenAI(world, openaiRequests(1), 160);
    await seedAnthropic(world, anthropicRequests(1), 1210);
  });
  after(() => world.close());

  it('asks for as many pages as --limit needs, and no more', async () => {
    const queries = (path: string): string[] =>
      world.sandbox.requests.filter((request) => request.path === path).map(({ query }) => query);
    world.sandbox.resetRequests();

    const [first, many, all] = await Promise.all([
      world.run(['batch', 'list', '--json']),
      world.run(['batch', 'list', '--json', '--limit', '150', '--provider', 'openai']),
      world.run(['batch', 'list', '--json', '--limit', '1200', '--provider', 'anthropic']),
    ]);

    expect(parseAs(listSchema, first.stdout).batches).to.have.length(10);
    const listed = parseAs(listSchema, many.stdout).batches;
    expect(new Set(listed.map(({ id }) => id)).size).to.equal(150);
    const asked = queries('/v1/batches');
    expect(asked).to.have.length(3);
    expect(asked.filter((query) => query === 'limit=10')).to.have.length(1);
    expect(asked.filter((query) => query === 'limit=100')).to.have.length(1);
    expect(asked.filter((query) => query.startsWith('limit=50&after=batch_'))).to.have.length(1);
    const found = parseAs(listSchema, all.stdout).batches;
    expect(new Set(found.map(({ id }) => id)).size).to.equal(1200);
    const pages = queries('/v1/messages/batches');
    expect(pages).to.have.length(2);
    expect(pages[0]).to.equal('limit=1000');
    expect(pages[1]).to.match(/^limit=200&after_id=msgbatch_/);
  });

  it('looks through all pages for what a filter lets pass', async () => {
    const marked = await seedOpenAI(world, openaiRequests(1), 1, { metadata: { find: 'me' } });
    await seedOpenAI(world, openaiRequests(1), 130);
    const { stdout } = await world.run(['batch', 'list', '--json', '--metadata', 'find=me']);
    expect(parseAs(listSchema, stdout).batches.map(({ id }) => id)).to.deep.equal(marked);
  });
});

describe('batch list --live', () => {
  it('prints a new block per change on a pipe, and ends with 130 on Ctrl-C', async () => {
    const world = await startWorld({ timing: NEVER });
    try {
      const [id = ''] = await seedOpenAI(world, openaiRequests(2));
      await until(async () => (await openaiBatch(world, id))['status'] === 'in_progress');
      world.sandbox.resetRequests();
      let text = '';
      const result = await world.run(['batch', 'list', '--live', '--poll', '0.1'], {
        onStart: (child) => {
          child.stdout.on('data', (chunk: string) => (text += chunk));
          void until(() => text.includes('processing'))
            // Nothing changes for some looks, so nothing is printed.
            .then(() => until(() => world.sandbox.requests.length > 5))
            .then(() =>
              fetch(`${world.sandbox.openaiBaseUrl}/batches/${id}/cancel`, {
                method: 'POST',
                headers: { authorization: `Bearer ${world.sandbox.key}` },
              }),
            )
            .then(() => until(() => text.includes('cancelled')))
            .finally(() => child.kill('SIGINT'));
        },
      });
      expect(result.code).to.equal(130);
      expectClean(result);
      const titles = result.stdout.match(/OpenAI Batch Jobs/g) ?? [];
      expect(titles.length).to.be.within(2, 3);
      expect(result.stdout).to.not.include('\u001B');
      expect(result.stderr).to.not.match(/Warning|Try:/);
    } finally {
      await world.close();
    }
  });

  it('writes JSON Lines with --json', async () => {
    const world = await startWorld();
    try {
      await endedOpenAI(world, openaiRequests(1));
      const result = await world.run(['batch', 'list', '--live', '--poll', '0.1', '--json'], {
        onStart: (child) => child.stdout.once('data', () => child.kill('SIGINT')),
      });
      expect(result.code).to.equal(130);
      const [first, ...rest] = linesOf(result.stdout.split('\n')[0] ?? '');
      expect(rest).to.deep.equal([]);
      parseAs(listSchema, JSON.stringify(first));
      // After the lines comes at most the document of the interruption, a line as well.
      for (const line of result.stdout.trimEnd().split('\n').slice(1)) parseAs(errorSchema, line);
    } finally {
      await world.close();
    }
  });

  it('goes on after a passing network error, and says so', async () => {
    const server = await startFaultyServer((_request, response, count) => {
      if (count >= 1 && count <= 3) return void response.destroy();
      sendJson(response, 200, {
        object: 'list',
        data: [openaiBatchObject({ id: `batch_look${count}` })],
        has_more: false,
      });
    });
    try {
      const { runInstructor } = await import('../support/run-instructor.js');
      let text = '';
      const result = await runInstructor(['batch', 'list', '--live', '--poll', '0.1'], {
        env: envFor(server.url),
        onStart: (child) => {
          child.stdout.on('data', (chunk: string) => {
            text += chunk;
            if (/batch_look[4-9]/.test(text)) child.kill('SIGINT');
          });
        },
      });
      expect(result.code).to.equal(130);
      expect(result.stderr).to.match(/OpenAI could not be reached/);
      expectClean(result);
    } finally {
      await server.close();
    }
  });

  it('draws in place on a terminal, in the alternate screen with --screen, and puts the terminal back', async function () {
    if (!hasTerminal()) this.skip();
    const world = await startWorld();
    try {
      const id = await endedAnthropic(world, anthropicRequests(1));
      await anthropicBatch(world, id);
      const [live, screen] = await Promise.all([
        runInTerminal(['batch', 'list', '--use-anthropic', '--live', '--poll', '0.1'], {
          cwd: world.folder,
          env: world.env,
          interruptAfter: /Ctrl-C ends[\s\S]*Ctrl-C ends/,
        }),
        runInTerminal(['batch', 'list', '--provider', 'anthropic', '--screen', '--poll', '0.1'], {
          cwd: world.folder,
          env: world.env,
          interruptAfter: /Ctrl-C ends/,
        }),
      ]);
      expect(live.code).to.equal(130);
      expect(live.output).to.include('Anthropic Batch Jobs');
      expect(live.output).to.not.include('\u001B[?1049h');
      expect(live.output.match(/\u001B\[\?25l/g)?.length ?? 0, 'hides the cursor').to.be.at.least(1); // eslint-disable-line no-control-regex -- the codes of terminals
      expect(live.output.lastIndexOf('\u001B[?25h'), 'shows the cursor again').to.be.greaterThan(
        live.output.lastIndexOf('\u001B[?25l'),
      );
      expect(screen.code).to.equal(130);
      expect(screen.output).to.include('\u001B[?1049h');
      expect(screen.output.lastIndexOf('\u001B[?1049l')).to.be.greaterThan(
        screen.output.lastIndexOf('\u001B[?1049h'),
      );
      expect(screen.output.lastIndexOf('\u001B[?25h')).to.be.greaterThan(
        screen.output.lastIndexOf('\u001B[?25l'),
      );
      expect(
        screen.output.split('\u001B[?1049l')[1] ?? '',
        'nothing of the table is left behind',
      ).to.not.include('Batch Jobs');
    } finally {
      await world.close();
    }
  });
});

function expectToFit(text: string, width: number): void {
  for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(width);
}

/** What the cells of a line of a table hold. */
function cellsOf(line = ''): string[] {
  return line
    .split(/[│┃]/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}
