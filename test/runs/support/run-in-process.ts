import { setMaxListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox, type Fault, type Sandbox, type SandboxOptions } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { ProviderSession } from '../../../src/core/session.js';
import { loadPrices } from '../../../src/registry/load-prices.js';
import type { ProviderEntry } from '../../../src/registry/provider-registry.js';
import { conductRun, type Conducted } from '../../../src/runs/conduct/conduct-run.js';
import { readRun } from '../../../src/runs/find-runs.js';
import { beginRun, resumeRun, type RunTools } from '../../../src/runs/open-run.js';
import { planRun } from '../../../src/runs/plan/plan-run.js';
import { prepareRun } from '../../../src/runs/prepare-run.js';
import { record, type RunContext } from '../../../src/runs/run-context.js';
import { requirePrices } from '../../../src/runs/send/budget.js';
import type { RunLimits, RunPolicy, RunSettings } from '../../../src/runs/store/run-settings.js';
import { verifyRun } from '../../../src/runs/verify-run.js';
import { loadResponseModel } from '../../../src/schema/load-response-model.js';
import { describeEvent } from '../../../src/ui/run-event.js';
import { ROOT, temporaryFolder } from '../../support/run-instructor.js';
import type { Provider } from '../../support/run-world.js';
import { AT_ONCE, envFor, linesOf } from '../../support/world.js';

export { PROVIDERS, type Provider } from '../../support/run-world.js';

const MODELS = { openai: 'gpt-4o-mini', anthropic: 'claude-haiku-4-5' };

export interface Job {
  provider: Provider;
  rows?: number;
  model?: string;
  limits?: RunLimits;
  policy?: Partial<RunPolicy>;
  /** Whether tokens are counted; to load what counts them takes longer than all else. */
  tokens?: boolean;
  /** Whether answers are held against a schema. */
  schema?: boolean;
  /** The settings of a run that is taken up. */
  change?: (settings: RunSettings) => RunSettings;
  settleMs?: number;
  /** Where the service is, if not at the sandbox itself. */
  url?: string;
  /** Called with every line as it is shown. */
  onLine?: (line: string, run: RunContext) => void;
  /** Ends the work of the process, as Ctrl-C does. */
  signal?: AbortSignal;
}

/** What came of the work of one process on a run, as its user sees it. */
export interface Told {
  kind: Conducted['kind'];
  /** `code: message` where the run stopped. */
  stopped?: string;
  /** The lines of a pipe, without their times, and with BATCH, FILE and $ for what differs from run to run. */
  log: string[];
  /** Rows by outcome, and why rows failed. Empty where nothing was written. */
  counts: Record<string, number>;
  reasons: string[];
  report: string;
  rows: Record<string, unknown>[];
  receipts: Record<string, unknown>[];
  run: RunContext;
}

/** A sandbox that misbehaves, and runs against it in this process. */
export interface FaultWorld {
  sandbox: Sandbox;
  folder: string;
  run(job: Job): Promise<Told>;
  resume(job: Job): Promise<Told>;
  /** Asks the service itself, as somebody else with the same key may. */
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Batches that are somebody else's. */
  foreign: Set<string>;
  close(): Promise<void>;
}

export async function startFaultWorld(
  faults: readonly Fault[] = [],
  options: SandboxOptions = {},
): Promise<FaultWorld> {
  const sandbox = await startSandbox({
    timing: AT_ONCE,
    retryAfterSeconds: 0,
    ...options,
    faults: [...faults],
  });
  const { path: folder, remove } = await temporaryFolder();
  const foreign = new Set<string>();
  const work = async (job: Job, resumed: boolean): Promise<Told> =>
    await workOnRun(job, { folder, sandbox, foreign, resumed });
  return {
    sandbox,
    folder,
    foreign,
    run: async (job) => await work(job, false),
    resume: async (job) => await work(job, true),
    async call(method, path, body) {
      const headers = {
        authorization: `Bearer ${sandbox.key}`,
        'x-api-key': sandbox.key,
        'anthropic-version': '2023-06-01',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const answer = await fetch(`${sandbox.url}${path}`, { method, headers, body: JSON.stringify(body) });
      return (await answer.json()) as Record<string, unknown>;
    },
    async close() {
      await sandbox.close();
      await remove();
    },
  };
}

/** What a pipe shows of a batch that goes well, once it is sent. */
export function goesWell(provider: Provider, rows = 6): string[] {
  return [
    's0001: is batch BATCH',
    's0001: batch BATCH is completed',
    `s0001: ${rows} answered, 0 failed, $`,
    ...(provider === 'openai' ? ['removed the request file FILE from the provider'] : []),
  ];
}

interface Place {
  folder: string;
  sandbox: Sandbox;
  foreign: ReadonlySet<string>;
  resumed: boolean;
}

async function workOnRun(job: Job, { folder, sandbox, foreign, resumed }: Place): Promise<Told> {
  const log: string[] = [];
  const working: { run?: RunContext } = {};
  const tell = (line: string): void => {
    log.push(withoutNames(line));
    if (working.run) job.onLine?.(line, working.run);
  };
  const tools = await toolsFor(job, folder, sandbox, tell);
  const place = join(folder, 'run');
  const opened = resumed
    ? await resumeRun(place, tools, job.change)
    : await beginRun(place, await settingsFor(job, folder, tools), tools);
  const { run, close } = opened;
  working.run = run;
  try {
    if (!run.state.planned) await planRun(run);
    requirePrices(run.state, run.settings.policy.maxCostUsd, run.settings.model);
    if (!run.state.approved) await record(run, { event: 'approved', by: 'flag' });
    const conducted = await conductRun(run, { detach: false, claims: new Set() });
    const told = await toTold(run, conducted, log);
    expectNothingTwice(told, sandbox, foreign);
    if (conducted.kind === 'finished') await expectWhole(told, job, folder);
    return told;
  } catch (error) {
    // What is needed to understand a failure.
    if (error instanceof Error) error.message += `\nLog:\n${log.join('\n')}`;
    throw error;
  } finally {
    await close();
    await expectClosed(place);
  }
}

/** Ids of the provider and amounts of money differ from run to run. */
function withoutNames(line: string): string {
  return line
    .replace(/\b(?:msg)?batch_\w+/g, 'BATCH')
    .replace(/\bfile-\w+/g, 'FILE')
    .replace(/\$[\d.]*\d/g, '$');
}

/** No file of the run is left open, where the system tells. */
async function expectClosed(place: string): Promise<void> {
  const open = '/proc/self/fd';
  if (!existsSync(open)) return;
  const links = (await readdir(open)).map(async (fd) => await readlink(join(open, fd)).catch(() => ''));
  expect((await Promise.all(links)).filter((path) => path.startsWith(place))).to.deep.equal([]);
}

async function toolsFor(
  job: Job,
  folder: string,
  sandbox: Sandbox,
  tell: (line: string) => void,
): Promise<RunTools> {
  const env = envFor(job.url ?? sandbox.url, sandbox.key);
  const signal = job.signal ?? new AbortController().signal;
  // As src/cli/interruption.ts does.
  setMaxListeners(0, signal);
  // No tries of the plugin's own: every failure reaches the run.
  const session = new ProviderSession(entryOf(job), { env, maxRetries: 0 });
  await writeFile(join(folder, 'label.json'), JSON.stringify(LABEL));
  return {
    session,
    responseModel: job.schema === false ? undefined : await loadResponseModel(join(folder, 'label.json')),
    prices: await loadPrices(session.entry, {}),
    // As on a pipe: ui/run-view.ts.
    listener: {
      onEvent: (event) => {
        const text = describeEvent(event);
        if (text !== undefined) tell(text);
      },
      onTrouble: (text) => tell(`Note: ${text}`),
      onNote: (text) => tell(`Note: ${text}`),
    },
    pace: { settleMs: job.settleMs ?? 150, pollMs: 15, firstPauseMs: 5, longestPauseMs: 50 },
    signal,
    version: 'test',
  };
}

function entryOf({ provider, tokens = false }: Job): ProviderEntry {
  const root = join(ROOT, 'plugins', provider);
  const { name, version, instructor } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    instructor: { providers: ProviderEntry['declaration'][] };
  };
  const [declaration] = instructor.providers;
  if (!declaration) throw new Error(`${root} declares nothing`);
  if (!tokens) declaration.tokenizers = [];
  return { declaration, plugin: { name, version, root, origin: 'bundled', declared: instructor } };
}

const LABEL = {
  title: 'Label',
  type: 'object',
  properties: { label: { type: 'string', enum: ['bug', 'question', 'praise'] } },
  required: ['label'],
  additionalProperties: false,
};

const rowsOf = ({ rows = 6 }: Job): string[] => Array.from({ length: rows }, (_, row) => `t${row}`);

async function settingsFor(job: Job, folder: string, tools: RunTools): Promise<RunSettings> {
  const { provider, model = MODELS[provider], limits = {}, policy } = job;
  const input = join(folder, 'rows.csv');
  await writeFile(
    input,
    `id,text\n${rowsOf(job)
      .map((id) => `${id},text of ${id}\n`)
      .join('')}`,
  );
  const { responseModel } = tools;
  return await prepareRun({
    ...{ version: 'test', provider, model, limits, submit: {}, skipBadRows: false },
    input: {
      ...{ path: input, name: 'rows.csv', kind: 'table' },
      table: { prompt: 'Classify: {{ text }}', idColumn: 'id' },
    },
    request: { maxTokens: { value: 500, explicit: true }, temperature: { value: 0.1, explicit: false } },
    schema: responseModel && { reference: join(folder, 'label.json'), model: responseModel },
    policy: {
      maxFailures: 0.1,
      reask: 0,
      maxAttempts: 3,
      deadlineConcurrency: 2,
      keepFiles: false,
      ...policy,
    },
    output: { path: join(folder, 'out.csv'), format: 'csv', escapeFormulas: true, force: false },
    signal: tools.signal,
  });
}

async function toTold(run: RunContext, conducted: Conducted, log: string[]): Promise<Told> {
  const { paths } = run;
  const read = async (path: string): Promise<string> => await readFile(path, 'utf8').catch(() => '');
  const { summary } = ('outcome' in conducted && conducted.outcome) || {};
  return {
    kind: conducted.kind,
    stopped:
      conducted.kind === 'stopped'
        ? withoutNames(`${conducted.end.code}: ${conducted.end.message}`)
        : undefined,
    log,
    counts: Object.fromEntries(summary?.counts ?? []),
    reasons: (summary?.reasons ?? []).map(({ count, outcome, type, message }) =>
      withoutNames(`${count} × ${outcome} (${type}): ${message}`),
    ),
    report: await read(paths.report),
    rows: linesOf(await read(paths.results)),
    receipts: linesOf(await read(paths.receipts)),
    run,
  };
}

/** Every batch that was ever created and did not fail as a whole is that of one shard, and holds what is in it. */
function expectNothingTwice({ run, log }: Told, sandbox: Sandbox, foreign: ReadonlySet<string>): void {
  const open = new Set(run.state.in('undecided').flatMap(({ suspects }) => suspects));
  const created = sandbox
    .created()
    .filter(({ id, status }) => status !== 'failed' && !foreign.has(id) && !open.has(id));
  const ours = new Map(run.state.active.map((shard) => [shard.batch, shard]));
  const shown = `\n${log.join('\n')}`;
  expect(new Set(created.map(({ id }) => ours.get(id)?.id)).size, shown).to.equal(created.length);
  for (const { id, requestsSha256 } of created)
    expect(ours.get(id)?.sha256, `${id} belongs to no shard:${shown}`).to.equal(requestsSha256);
}

/** Each row of the input has one result, one receipt and one line of the output, and the files prove it. */
async function expectWhole({ rows, receipts, run, counts }: Told, job: Job, folder: string): Promise<void> {
  const ids = rowsOf(job);
  expect(rows.map(({ custom_id }) => custom_id)).to.deep.equal(ids);
  expect(receipts.map(({ id }) => id)).to.deep.equal(ids);
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).to.equal(ids.length);
  const table = await readFile(join(folder, 'out.csv'), 'utf8');
  expect(table.trimEnd().split('\n')).to.have.length(ids.length + 1);
  const { findings } = await verifyRun(await readRun(run.paths.folder), run.session, run.signal);
  expect(findings).to.deep.equal([]);
}
