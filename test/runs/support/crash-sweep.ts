import { spawn } from 'node:child_process';
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseFaultFlag, startSandbox, type Sandbox } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { cleanEnv, ROOT, temporaryFolder } from '../../support/run-instructor.js';
import { AT_ONCE, envFor, linesOf } from '../../support/world.js';

const WORKER = fileURLToPath(new URL('work-on-run.mjs', import.meta.url));
const ROWS = 40;
/** Where the worker is in one piece, which starts in a quarter of the time. */
let worker: Awaited<ReturnType<typeof temporaryFolder>>;

/** The same seed draws the same faults and the same moments to be killed at. */
const SEED = process.env['INSTRUCTOR_SWEEP_SEED'] ?? String(Math.floor(Math.random() * 1e9));

/** What goes wrong while the run is killed over and over. */
const FAULTS = [
  'create-lost:0.25',
  'create-error:rate=0.15,status=502',
  'cut-before:rate=0.05',
  'rate-limit:rate=0.1,retry-after=0',
  'server-error:rate=0.05',
  'bad-gateway:rate=0.05',
  'truncated:rate=0.1',
  'stale-list:ms=100',
];

/** When a process is killed. */
type Shot = { atEveryEvent: true } | { killAfterMs: number };

/** The fewest kills that mean something: 100 at each of two providers. */
const KILLS = 100;
const MOST_RUNS = 10;

/** Kills runs at a provider after every event and at random moments, and looks each time whether anything is lost or doubled. */
export function describeSweep(provider: string, model: string): void {
  describe(`runs at ${provider}: killed over and over (INSTRUCTOR_SWEEP_SEED=${SEED})`, () => {
    let kills = 0;

    before(async function () {
      this.timeout(60_000);
      await bundleWorker();
    });

    after(async () => {
      await worker.remove();
    });

    it('loses and doubles nothing when killed after every single event', async function () {
      this.timeout(300_000);
      const shots = function* (): Generator<Shot, undefined> {
        for (;;) yield { atEveryEvent: true };
      };

      kills += await sweep({ provider, model, seed: `${SEED}-events`, shots: shots() });
    });

    it('loses and doubles nothing when killed at any time', async function () {
      this.timeout(300_000);
      const random = randomOf(`${SEED}-${provider}`);
      const shots = function* (): Generator<Shot, undefined> {
        for (let shot = 0; shot < 15; shot += 1) yield { killAfterMs: Math.floor(random() * 250) };
      };

      // Some runs come to their end before all shots are fired.
      for (let run = 0; run < 4 || (kills < KILLS && run < MOST_RUNS); run += 1)
        kills += await sweep({ provider, model, seed: `${SEED}-${run}`, shots: shots() });
    });

    it('was killed often enough to mean something', function () {
      // Only as a whole: a single case may be picked out to be run by itself.
      if (kills === 0) this.skip();
      expect(kills).to.be.at.least(KILLS);
    });
  });
}

async function bundleWorker(): Promise<void> {
  worker = await temporaryFolder();
  await build({
    entryPoints: [WORKER],
    outfile: join(worker.path, 'worker.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    // Not loaded here; what is CommonJS among the others asks for `require`.
    external: ['jiti', 'zod', 'typescript', 'tsx', 'gpt-tokenizer'],
    banner: { js: "import{createRequire as c}from'node:module';const require=c(import.meta.url);" },
    logLevel: 'error',
  });
}

/** Kills a run as the shots say, then lets it come to its end, and looks at what there is. Gives how often it was killed. */
async function sweep(options: {
  provider: string;
  model: string;
  seed: string;
  shots: Iterator<Shot, undefined>;
}): Promise<number> {
  const { path: folder, remove } = await temporaryFolder();
  const sandbox = await startSandbox({
    timing: AT_ONCE,
    seed: options.seed,
    retryAfterSeconds: 0,
    outcome: invalidAtFirst,
  });
  sandbox.setFaults(FAULTS.map((text) => parseFaultFlag(text)));
  try {
    const job = await prepare(folder, options);
    let kills = 0;
    for (;;) {
      const shot = options.shots.next();
      const last = await work(sandbox, { ...job, ...(shot.done ? {} : toJob(shot.value, folder)) });
      if (!last.killed) {
        expect(last, `seed ${options.seed}: ${last.stderr}`).to.include({ code: 0 });
        break;
      }
      kills += 1;
    }
    await expectWhole(folder, sandbox);
    return kills;
  } catch (error) {
    // What is needed to understand a failure that cannot be had again.
    console.log(await readFile(join(folder, 'run', 'journal.jsonl'), 'utf8').catch(() => 'no journal'));
    throw error;
  } finally {
    await sandbox.close();
    await remove();
  }
}

function toJob(shot: Shot, folder: string): Record<string, unknown> {
  return 'killAfterMs' in shot ? shot : { killOnce: join(folder, 'killed.txt') };
}

/** A third of the rows does not fit until the model is told. */
function invalidAtFirst({ index, turns }: { index: number; turns: number }): 'invalid' | undefined {
  return turns === 0 && index % 3 === 0 ? 'invalid' : undefined;
}

async function prepare(
  folder: string,
  { provider, model }: { provider: string; model: string },
): Promise<Record<string, unknown>> {
  const input = join(folder, 'rows.csv');
  const schema = join(folder, 'schema.json');
  const rows = Array.from({ length: ROWS }, (_, row) => `ticket-${row},"text of ${row}"\n`);
  await writeFile(input, `id,text\n${rows.join('')}`);
  await writeFile(schema, JSON.stringify(SCHEMA));
  return {
    folder: join(folder, 'run'),
    ...{ input, schema, model, plugin: join(ROOT, 'plugins', provider) },
    prompt: 'Classify: {{ text }}',
    output: join(folder, 'out.csv'),
    policy: { maxFailures: 1, reask: 2, maxAttempts: 3, deadlineConcurrency: 2, keepFiles: false },
    limits: { maxRequests: 10 },
    pace: { settleMs: 250, pollMs: 20, firstPauseMs: 10, longestPauseMs: 100 },
  };
}

const SCHEMA = {
  title: 'Label',
  type: 'object',
  properties: { label: { type: 'string', enum: ['bug', 'question', 'praise'] } },
  required: ['label'],
  additionalProperties: false,
};

async function work(
  sandbox: Sandbox,
  job: Record<string, unknown>,
): Promise<{ code: number | null; killed: boolean; stderr: string }> {
  const env = cleanEnv(String(job['folder']), { ...envFor(sandbox.url, sandbox.key), NODE_ENV: 'test' });
  const child = spawn(process.execPath, [join(worker.path, 'worker.mjs'), JSON.stringify(job)], { env });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.resume();
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, killed: signal === 'SIGKILL', stderr }));
  });
}

/** Every row has exactly one final answer, and nothing was created twice: by the run's files and by the sandbox's count. */
async function expectWhole(folder: string, sandbox: Sandbox): Promise<void> {
  const results = linesOf(await readFile(join(folder, 'run', 'results.jsonl'), 'utf8'));
  expect(results.map(({ custom_id }) => custom_id)).to.deep.equal(
    Array.from({ length: ROWS }, (_, row) => `ticket-${row}`),
  );
  expect(results.filter(({ outcome }) => outcome !== 'succeeded')).to.deep.equal([]);
  const receipts = linesOf(await readFile(join(folder, 'run', 'receipts.jsonl'), 'utf8'));
  expect(receipts).to.have.length(ROWS);
  const table = await readFile(join(folder, 'out.csv'), 'utf8');
  expect(table.trimEnd().split('\n')).to.have.length(ROWS + 1);

  const journal = linesOf(await readFile(join(folder, 'run', 'journal.jsonl'), 'utf8'));
  const shards = journal.flatMap(
    ({ event, shards: some, into }) =>
      (event === 'planned' || event === 'healed' ? some : event === 'split' ? into : []) as {
        sha256: string;
      }[],
  );
  const created = sandbox.created().filter(({ status }) => status !== 'failed');
  const hashes = created.map(({ requestsSha256 }) => requestsSha256);
  expect(new Set(hashes).size, 'a shard was created twice').to.equal(hashes.length);
  expect(hashes.sort()).to.deep.equal(shards.map(({ sha256 }) => sha256).sort());
}

/** Mulberry32, seeded by a text. */
function randomOf(seed: string): () => number {
  let state = [...seed].reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193), 0x811c9dc5);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
