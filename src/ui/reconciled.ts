import type { Batch, ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { KnownRun } from '../runs/find-runs.js';
import type { LeftoverFile } from '../runs/reconcile/leftover-files.js';
import type { Candidate, QuestionedShard } from '../runs/reconcile/questioned-shards.js';
import type { Reconciled } from '../runs/reconcile/reconcile-runs.js';
import type { OrphanedBatch } from '../runs/reconcile/stray-batches.js';
import type { UnfetchedResult } from '../runs/reconcile/unfetched-results.js';
import { visible } from '../text/visible.js';
import { formatBytes, formatCount, formatMoment, plural } from './format.js';
import { paint } from './terminal.js';

const WIDTH = 80;

/** What is not as the journals alone would have it: a heading for each kind, and nothing where there is none. */
export function renderReconciled(found: Reconciled): string {
  const { questioned, orphans, unknown, unfetched, leftovers } = found;
  const sections = [
    section('Shards of unknown fate', questioned.map(renderShard)),
    section('Orphaned batches, made by a run and in no journal', orphans.map(renderOrphan)),
    section(
      'Batches of unknown origin',
      unknown.map(({ provider, batch }) => entry(batch.id, [provider.name, ...batchFacts(batch)])),
    ),
    section('Results that are not fetched yet', unfetched.map(renderUnfetched)),
    renderLeftovers(leftovers),
  ];
  const told = sections.filter((text) => text !== '');
  return [headline(found, told.length === 0), ...told].join('\n\n');
}

/** Request files that nothing uses any more. */
export function renderLeftovers(leftovers: readonly LeftoverFile[]): string {
  return section('Request files that nothing uses any more', leftovers.map(renderLeftover));
}

function headline({ scope, listed, problems }: Reconciled, isClean: boolean): string {
  const facts = `${plural(scope.runs.length, 'run')}, ${batchCount(listed)} looked at`;
  const isWhole = problems.length === 0 && scope.broken.length === 0;
  return isClean && isWhole && scope.runs.length > 0 ? `${facts}: all is accounted for` : facts;
}

function section(title: string, entries: readonly string[]): string {
  if (entries.length === 0) return '';
  return [paint(process.stdout, 'bold', `${title} (${formatCount(entries.length)})`), ...entries].join('\n');
}

function renderShard({ provider, run, shard, candidates }: QuestionedShard): string {
  const { id, phase, submittingAt, requests } = shard;
  const holder = run.holder && `process ${run.holder.pid} works on it`;
  const sent = submittingAt && `sent ${formatMoment(new Date(submittingAt))}`;
  const facts = [provider.name, phase, sent, plural(requests, 'request'), holder];
  const found = candidates.map((candidate) => renderCandidate(candidate));
  if (found.length === 0) found.push(wrap(['no batch that could be it is listed'], 4));
  return [entry(`${id} of ${run.settings.name}`, facts), ...found].join('\n');
}

function renderCandidate({ id, by, batch }: Candidate): string {
  return entry(id, [...batchFacts(batch), `fits by ${by === 'time and count' ? by : `its ${by}`}`], 4);
}

function renderOrphan({ provider, batch, origin, run }: OrphanedBatch): string {
  const name = run?.settings.name ?? `${origin.name ?? origin.run}, which is not known here`;
  return entry(batch.id, [
    provider.name,
    ...batchFacts(batch),
    origin.shard && `shard ${origin.shard}`,
    `run ${name}`,
  ]);
}

function renderUnfetched({ provider, run, shard, id, batch }: UnfetchedResult): string {
  const expires = batch?.times.archived;
  return entry(id, [
    provider.name,
    ...batchFacts(batch),
    batch && `answers expire: ${expires ? formatMoment(expires) : 'unknown'}`,
    shardOf(shard.id, run),
  ]);
}

function renderLeftover({ provider, file, run, runId, shard, batches }: LeftoverFile): string {
  return entry(file.id, [
    provider.name,
    file.name,
    file.bytes === undefined ? undefined : formatBytes(file.bytes),
    created(file.created),
    batches.length === 0 ? 'no batch' : batches.map(({ id, status }) => `${status} batch ${id}`).join(', '),
    run ? shardOf(shard, run) : `shard ${shard} of a run that is not known here (${runId})`,
    run?.settings.policy.keepFiles ? 'kept on purpose (--keep-files)' : undefined,
  ]);
}

function batchFacts(batch: Batch | undefined): (string | undefined)[] {
  if (!batch) return ['not found at the provider'];
  const { status, requests, times } = batch;
  const count = requests.total === undefined ? undefined : plural(requests.total, 'request');
  return [status, count, created(times.created)];
}

function created(date: Date | undefined): string | undefined {
  return date && `created ${formatMoment(date)}`;
}

function shardOf(shard: string, run: KnownRun): string {
  return `shard ${shard} of ${run.settings.name}`;
}

/** A name, and below it what is known of it. */
function entry(name: string, facts: readonly (string | undefined)[], indent = 2): string {
  return `${' '.repeat(indent)}${visible(name)}\n${wrap(facts, indent + 2)}`;
}

/** Facts side by side, as far as a narrow terminal takes them; none is cut in two. */
function wrap(facts: readonly (string | undefined)[], indent: number): string {
  const lines: string[] = [];
  for (const fact of facts.filter((one) => one !== undefined).map(visible)) {
    const last = lines.at(-1);
    const longer = last === undefined ? undefined : `${last}, ${fact}`;
    // Room for the comma behind it.
    if (longer !== undefined && longer.length + indent < WIDTH) lines[lines.length - 1] = longer;
    else lines.push(fact);
  }
  return lines.map((line) => ' '.repeat(indent) + line).join(',\n');
}

export function batchCount(count: number): string {
  return count === 1 ? '1 batch' : `${formatCount(count)} batches`;
}

/** What the user can do about it, a line each. */
export function reconcileHints(
  { questioned, orphans, unfetched, leftovers }: Reconciled,
  words: {
    command: string;
    single: string;
    resume: (folder: string) => string;
    shown: (folder: string) => string;
  },
): string[] {
  const hints: string[] = [];
  const decide = questioned.filter(({ shard }) => shard.phase === 'undecided');
  for (const { run, shard } of decide)
    hints.push(
      `Say which batch ${shard.id} is: ${words.single} ${words.shown(run.folder)} --shard ${shard.id} --adopt ID (or none)`,
    );
  const going = [...questioned.filter((one) => !decide.includes(one)), ...unfetched];
  const runs = new Map(going.map(({ run }) => [run.folder, run]));
  for (const { folder, holder } of runs.values())
    if (!holder) hints.push(`To find out and fetch what is there: ${words.resume(folder)}`);
  const [orphan] = orphans;
  if (orphan) hints.push(orphanHint(orphan.batch.id, orphan.provider));
  if (leftovers.length > 0) hints.push(`To remove the request files: ${words.command} --cleanup`);
  return hints;
}

function orphanHint(id: string, { id: provider }: ProviderDeclaration): string {
  return `An orphaned batch is paid for: instructor batch results (or cancel) --batch-id ${visible(id)} --provider ${provider}`;
}
