import { hasEnded, type Batch } from '@instructor-cli/provider-kit';
import { InstructorError } from '../../failure/instructor-error.js';
import type { KnownRun } from '../find-runs.js';
import { resumeRun, type RunTools } from '../open-run.js';
import { record } from '../run-context.js';
import { answersFit, idsOf } from '../send/identify-batch.js';
import { originOf } from '../send/run-metadata.js';
import type { RunState, ShardState } from '../store/run-state.js';
import { lookAtProvider } from './look-at-provider.js';
import { inQuestion, questionedShards } from './questioned-shards.js';
import { readScope, scopeOf, type RunScope } from './run-scope.js';

export interface AdoptOptions {
  /** Directory of the run. */
  folder: string;
  /** Id of the batch, or `none`: there is no batch, and the shard is sent again. */
  adopt: string;
  /** Which shard, if several are in question. */
  shard?: string;
  /** Also a batch that does not look like the shard's. */
  force: boolean;
  tools: RunTools;
}

export interface Adopted {
  run: KnownRun;
  shard: string;
  /** Absent: there is none. */
  batch?: string;
}

/** Writes into the journal what the user says that a shard of unknown fate became. */
export async function adoptBatch(options: AdoptOptions): Promise<Adopted> {
  const { folder, adopt, force, tools } = options;
  const scope = await readScope(folder);
  const [known] = scope.runs;
  if (!scope.single || !known)
    throw new InstructorError('usage', '--adopt needs the directory of one run', {
      hint: 'To see the runs: instructor batch run list',
    });
  const shard = chooseShard(known.state, options.shard);
  const batch = adopt === 'none' ? undefined : adopt;
  if (batch !== undefined) requireUnclaimed(batch, known, scope);
  if (!force) {
    const refusal =
      batch === undefined ? await whyNotNone(scope, shard, tools) : await whyNot(batch, known, shard, tools);
    if (refusal !== undefined)
      throw new InstructorError('usage', refusal, { hint: 'If you are sure all the same, add --force' });
  }
  await decide(folder, shard, batch, tools);
  return { run: known, shard: shard.id, batch };
}

const SHOW_SHARDS = 'To see where its shards are: instructor batch run status DIR';

function chooseShard(state: RunState, wanted: string | undefined): ShardState {
  const open = inQuestion({ state });
  if (wanted !== undefined) {
    const shard = state.shards.get(wanted);
    if (!shard) throw new InstructorError('usage', `The run has no shard ${wanted}`, { hint: SHOW_SHARDS });
    if (open.includes(shard)) return shard;
    const batch = shard.batch === undefined ? '' : ` (${shard.batch})`;
    throw new InstructorError('state', `Shard ${wanted} is not in question: it is ${shard.phase}${batch}`, {
      hint: SHOW_SHARDS,
    });
  }
  const [only, ...others] = open;
  if (!only)
    throw new InstructorError('state', 'No shard of the run is in question: nothing to decide', {
      hint: SHOW_SHARDS,
    });
  if (others.length === 0) return only;
  const names = open.map(({ id, phase }) => `${id} (${phase})`).join(', ');
  throw new InstructorError('usage', `Several shards are in question: ${names}`, {
    hint: `Say which one is meant: --shard ${only.id}`,
  });
}

/** Taken twice its answers would be counted twice, so that no one may insist on it. */
function requireUnclaimed(batch: string, run: KnownRun, { known }: RunScope): void {
  const owner = known.find(({ state }) => state.batches.has(batch));
  if (!owner) return;
  const shard = owner.state.batches.get(batch);
  const ofRun = owner === run ? 'this run' : `the run ${owner.settings.name}`;
  throw new InstructorError('usage', `Batch ${batch} belongs to shard ${shard} of ${ofRun} already`, {
    hint: 'Name another batch',
  });
}

/** What speaks against a batch being that of a shard. */
async function whyNot(
  id: string,
  run: KnownRun,
  shard: ShardState,
  tools: RunTools,
): Promise<string | undefined> {
  const provider = await tools.session.remote();
  const batch = await provider.retrieve(id, { signal: tools.signal });
  const origin = originOf(batch.metadata);
  const isOther = origin?.run !== undefined && origin.run !== run.settings.id;
  if (isOther) return `Batch ${id} was made by another run (${origin.name ?? origin.run})`;
  if (origin?.shard !== undefined && origin.shard !== shard.id)
    return `Batch ${id} was made of shard ${origin.shard}, not of ${shard.id}`;
  const { total } = batch.requests;
  if (total !== undefined && total !== shard.requests)
    return `Batch ${id} holds ${total} requests, and shard ${shard.id} has ${shard.requests}`;
  return (await hasOtherAnswers(batch, run, shard, tools))
    ? `Batch ${id} has answers to other requests than those of shard ${shard.id}`
    : undefined;
}

async function hasOtherAnswers(
  batch: Batch,
  { paths }: KnownRun,
  shard: ShardState,
  { session, signal }: RunTools,
): Promise<boolean> {
  if (!hasEnded(batch.status)) return false;
  const reading = { session, paths, signal };
  return (await answersFit(reading, batch, await idsOf(reading, shard))) === 'other';
}

/** A batch that is certainly the shard's would be paid for, and then all of it once more. */
async function whyNotNone(
  scope: RunScope,
  shard: ShardState,
  { session, signal }: RunTools,
): Promise<string | undefined> {
  const own = scopeOf(scope, session.declaration.id);
  const questioned = questionedShards(own, await lookAtProvider(session, own, signal));
  const candidates = questioned.find((one) => one.shard === shard)?.candidates ?? [];
  const sure = candidates.find(({ by }) => by !== 'time and count');
  return sure && `There is a batch of shard ${shard.id}: ${sure.id}, by its ${sure.by}`;
}

async function decide(
  folder: string,
  { id, nonce = '' }: ShardState,
  batch: string | undefined,
  tools: RunTools,
): Promise<void> {
  const { run, close } = await resumeRun(folder, tools);
  try {
    const now = run.state.shard(id);
    // Another process may have found out meanwhile.
    if (!inQuestion(run).includes(now) || now.nonce !== nonce)
      throw new InstructorError('state', `Shard ${id} is not in question any more: it is ${now.phase}`, {
        hint: SHOW_SHARDS,
      });
    if (batch === undefined) await record(run, { event: 'absent', shard: id, nonce });
    else await record(run, { event: 'found', shard: id, nonce, batch, by: 'the user' });
  } finally {
    await close();
  }
}
