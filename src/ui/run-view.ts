import type { Batch } from '@instructor-cli/provider-kit';
import type { RunListener } from '../runs/run-context.js';
import type { RecordedEvent } from '../runs/store/events.js';
import type { RunState, ShardState } from '../runs/store/run-state.js';
import type { PastBatch } from '../runs/tell/history.js';
import { timeLeft, type TimeLeft } from '../runs/tell/time-left.js';
import { visible } from '../text/visible.js';
import { formatBytes, formatCount, formatDollars, formatDuration, formatMoment } from './format.js';
import { openLiveRegion, type LiveRegion } from './live-region.js';
import { note } from './notes.js';
import { describeEvent } from './run-event.js';
import { isLively, paint, widthOf, writeErr, type Style } from './terminal.js';

export interface RunViewOptions {
  name: string;
  history: readonly PastBatch[];
  /** Batches that may be in flight at the same time. */
  atOnce: number;
  startedAt: number;
}

const TICK_MS = 1000;
/** Shards that are shown with a line each; the others are counted. */
const LINES = 12;

const STYLES: Partial<Record<ShardState['phase'], Style>> = {
  running: 'blue',
  collected: 'green',
  undecided: 'red',
  'given-up': 'red',
  uncertain: 'yellow',
  suspected: 'yellow',
};

/** Shows a run while it works: in place on a terminal, a line per change on a pipe. */
export class RunView {
  readonly listener: RunListener;
  private state: RunState | undefined;
  private readonly looks = new Map<string, Batch>();
  private readonly transfers = new Map<string, string>();
  private trouble = '';
  private work = '';
  private region: LiveRegion | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RunViewOptions) {
    this.listener = {
      onEvent: (event, state) => this.take(event, state),
      onLook: (shard, batch) => {
        this.looks.set(shard, batch);
        this.trouble = '';
      },
      onTransfer: ({ shard, doing, bytes, total }) => {
        const share = total ? ` of ${formatBytes(total)}` : '';
        this.transfers.set(shard, `${doing} ${formatBytes(bytes)}${share}`);
      },
      onTrouble: (text) => {
        this.trouble = text;
        if (!this.region) note(text);
      },
      onNote: (text) => this.above(() => note(text)),
      onWork: (doing, rows) => {
        this.work = `${doing}: ${formatCount(rows)} rows`;
      },
    };
  }

  /** Begins to draw, where there is something to draw on. */
  async start(state: RunState): Promise<void> {
    this.state = state;
    if (!isLively(process.stderr)) return;
    this.region = await openLiveRegion(process.stderr);
    this.draw();
    this.timer = setInterval(() => this.draw(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.region?.stop({ clear: true });
    this.region = undefined;
  }

  private take(event: RecordedEvent, state: RunState): void {
    this.state = state;
    this.work = '';
    if ('shard' in event) this.transfers.delete(event.shard);
    if (this.region) return this.draw();
    const text = describeEvent(event);
    if (text !== undefined) writeErr(`${formatMoment(new Date(event.at))}  ${text}`);
  }

  /** Something that is to stay on the screen. */
  private above(write: () => void): void {
    this.region?.draw('');
    write();
    this.draw();
  }

  private draw(): void {
    if (!this.region || !this.state) return;
    this.region.draw(
      renderRun(this.state, {
        ...this.options,
        looks: this.looks,
        transfers: this.transfers,
        trouble: this.trouble,
        work: this.work,
        now: Date.now(),
      }),
    );
  }
}

interface Drawing extends RunViewOptions {
  looks: ReadonlyMap<string, Batch>;
  transfers: ReadonlyMap<string, string>;
  trouble: string;
  work: string;
  now: number;
}

/** The whole view as text. */
export function renderRun(state: RunState, drawing: Drawing): string {
  const { looks, transfers, trouble, work } = drawing;
  const shards = state.active;
  const open = shards.filter(({ phase }) => !['collected', 'given-up', 'waiting'].includes(phase));
  const waiting = shards.filter(({ phase }) => phase === 'waiting');
  const lines = headlines(state, shards, drawing);
  for (const shard of [...open, ...waiting.filter(({ obstacle }) => obstacle)].slice(0, LINES))
    lines.push(shardLine(shard, looks.get(shard.id), transfers.get(shard.id), drawing.now));
  const hidden = open.length - LINES;
  if (hidden > 0) lines.push(`  … and ${formatCount(hidden)} more`);
  if (waiting.length > 0) lines.push(`  ${formatCount(waiting.length)} waiting to be sent`);
  if (work !== '') lines.push(`  ${work}`);
  if (trouble !== '') lines.push(paint(process.stderr, 'yellow', `  ${visible(trouble)}`));
  lines.push(paint(process.stderr, 'dim', '  Ctrl-C leaves; the batches go on'));
  const width = widthOf(process.stderr);
  return lines.map((line) => fit(line, width)).join('\n');
}

/** How far it is, and how long it takes. */
function headlines(state: RunState, shards: readonly ShardState[], drawing: Drawing): string[] {
  const { name, now, startedAt } = drawing;
  const done = shards.filter(({ phase }) => phase === 'collected').length;
  const rows = shards.reduce((total, { requests }) => total + requests, 0);
  const left = timeLeft({ ...drawing, shards });
  const progress = [
    paint(process.stderr, 'bold', visible(name)),
    `${formatCount(done)} of ${formatCount(shards.length)} batches`,
    `${formatCount(doneRows(shards, drawing.looks))} of ${formatCount(rows)} rows`,
    ...(state.spentUsd > 0 ? [formatDollars(state.spentUsd)] : []),
  ];
  const time = [
    `  ${formatDuration(now - startedAt)} gone`,
    left ? describeTimeLeft(left) : 'time left unknown',
  ];
  return [progress.join(' · '), time.join(' · ')];
}

/** Says how sure it is. */
export function describeTimeLeft({ seconds, from, to, by, batches }: TimeLeft): string {
  const basis =
    by === 'progress'
      ? 'by its progress'
      : `by ${formatCount(batches)} ${batches === 1 ? 'batch' : 'batches'} of ${by}`;
  const [low, high] = [formatDuration(from * 1000), formatDuration(to * 1000)];
  const range = low === high ? '' : `, ${low} to ${high}`;
  return `about ${formatDuration(seconds * 1000)} left (${basis}${range})`;
}

function doneRows(shards: readonly ShardState[], looks: ReadonlyMap<string, Batch>): number {
  let rows = 0;
  for (const shard of shards) {
    const look = shard.phase === 'running' ? looks.get(shard.id)?.requests : undefined;
    rows += look ? (look.succeeded ?? 0) + (look.failed ?? 0) : (shard.succeeded ?? 0) + (shard.failed ?? 0);
  }
  return rows;
}

function shardLine(
  shard: ShardState,
  look: Batch | undefined,
  transfer: string | undefined,
  now: number,
): string {
  const { id, phase, batch, requests, tokens, obstacle } = shard;
  const status = phase === 'running' && look ? look.status : phase;
  const parts = [`  ${id}`, paint(process.stderr, STYLES[phase] ?? 'gray', status.padEnd(10))];
  parts.push(progress(look, requests));
  const since = look?.times.created;
  if (phase === 'running' && since) parts.push(formatDuration(now - since.getTime()));
  if (transfer !== undefined) parts.push(transfer);
  if (phase === 'waiting' && obstacle) parts.push(visible(obstacle.message));
  if (tokens !== undefined) parts.push(`${formatCount(tokens)} tokens`);
  // Last, since on a narrow terminal it is what can be done without.
  if (batch !== undefined) parts.push(visible(batch));
  return parts.join('  ');
}

function progress(look: Batch | undefined, requests: number): string {
  const { succeeded, failed } = look?.requests ?? {};
  if (succeeded === undefined && failed === undefined) return `${formatCount(requests)} rows`;
  return `${formatCount((succeeded ?? 0) + (failed ?? 0))} of ${formatCount(requests)} rows`;
}

// eslint-disable-next-line no-control-regex -- the colours of a line take no room
const COLOUR = /\u001B\[[0-9;]*m/g;

/** A line that wraps cannot be taken back. What is cut off loses its colours too, so that none runs on. */
function fit(line: string, width: number): string {
  const plain = line.replace(COLOUR, '');
  return plain.length < width ? line : `${plain.slice(0, Math.max(1, width - 2))}…`;
}
