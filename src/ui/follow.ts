import { hasEnded, type Batch } from '@instructor-cli/provider-kit';
import { EXIT } from '../cli/exit-codes.js';
import { waitForBatches, type WaitTarget, type WaitUpdate } from '../core/wait-for-batches.js';
import { formatCount, formatDuration } from './format.js';
import { openLiveRegion } from './live-region.js';
import { isLively, paint, writeErr } from './terminal.js';
import { visible } from '../text/visible.js';

export interface FollowOptions {
  targets: readonly WaitTarget[];
  pollSeconds?: number;
  signal: AbortSignal;
  /** Given the batches that have ended, in the order of the targets, also if others could not be waited for. */
  onEnded?: (batches: Batch[]) => void;
}

export interface Followed {
  batches: Batch[];
  exitCode: number;
}

const TICK_MS = 1000;

/** Shows the progress of batches until all have ended: in place on a terminal, a line per change elsewhere. */
export async function followBatches(options: FollowOptions): Promise<Followed> {
  const { targets, pollSeconds, signal, onEnded } = options;
  const latest = new Map<WaitTarget, WaitUpdate>();
  const region = await openLiveRegion(process.stderr);
  const draw = (): void =>
    region?.draw(targets.map((target) => lineFor(target, latest.get(target))).join('\n'));
  const printed = new Map<WaitTarget, string>();
  const onUpdate = (update: WaitUpdate): void => {
    const { target, problem } = update;
    // A passing problem does not wipe out what is known.
    latest.set(target, problem ? { ...latest.get(target), ...update } : update);
    if (region) return draw();
    const line = lineFor(target, latest.get(target), false);
    if (printed.get(target) !== line) writeErr(line);
    printed.set(target, line);
  };
  const timer = region ? setInterval(draw, TICK_MS) : undefined;
  try {
    const batches = await waitForBatches({ targets, pollSeconds, onUpdate, signal });
    return { batches, exitCode: exitCodeFor(batches) };
  } finally {
    clearInterval(timer);
    region?.stop();
    const known = targets.map((target) => latest.get(target)?.batch);
    onEnded?.(known.filter((batch) => batch !== undefined && hasEnded(batch.status)) as Batch[]);
  }
}

function exitCodeFor(batches: readonly Batch[]): number {
  if (batches.some(({ status }) => status !== 'completed')) return EXIT.failed;
  return batches.some(({ requests }) => (requests.failed ?? 0) > 0) ? EXIT.someRowsFailed : EXIT.done;
}

function lineFor(
  target: WaitTarget,
  update: WaitUpdate | undefined,
  withTime = isLively(process.stderr),
): string {
  const { batch, problem, lasting } = update ?? {};
  const parts = [visible(target.id)];
  if (batch) {
    const status =
      batch.rawStatus === batch.status ? batch.status : `${batch.status} (${visible(batch.rawStatus)})`;
    const style = batch.status === 'completed' ? 'green' : hasEnded(batch.status) ? 'red' : 'blue';
    parts.push(paint(process.stderr, style, status), ...progressOf(batch));
    const since = batch.times.started ?? batch.times.created;
    const until = batch.times.ended ?? (hasEnded(batch.status) ? undefined : new Date());
    if (withTime && since && until) parts.push(formatDuration(until.getTime() - since.getTime()));
    for (const { message, line } of batch.problems.slice(0, 3)) {
      parts.push(visible(line === undefined ? message : `line ${line}: ${message}`));
    }
  } else if (!problem) parts.push('…');
  if (problem) {
    const said = lasting ? visible(problem.message) : `${visible(problem.message)}; trying again`;
    parts.push(paint(process.stderr, lasting ? 'red' : 'yellow', said));
  }
  return parts.join('  ');
}

function progressOf({ requests }: Batch): string[] {
  const { total, succeeded, failed } = requests;
  if (total === undefined) return [];
  if (succeeded === undefined && failed === undefined) return [`- of ${formatCount(total)}`];
  const done = (succeeded ?? 0) + (failed ?? 0);
  const share = total > 0 ? ` (${Math.floor((done / total) * 100)}%)` : '';
  return [
    `${formatCount(done)} of ${formatCount(total)}${share}`,
    ...(failed ? [`${formatCount(failed)} failed`] : []),
  ];
}
