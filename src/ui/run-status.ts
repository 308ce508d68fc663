import type { KnownRun } from '../runs/find-runs.js';
import type { ShardState } from '../runs/store/run-state.js';
import { statusOf } from '../runs/tell/run-summary.js';
import { visible } from '../text/visible.js';
import { formatCount, formatDollars, formatMoment, formatTime } from './format.js';
import { hanging, paint, widthOf, type Style } from './terminal.js';
import { tableWidth } from './table.js';

const LABEL = 12;

/** Where a run is: its facts, and a line for each batch that is not through. */
export function renderRunStatus({ settings, state, holder }: KnownRun, resume: string): string {
  const lines: string[] = [];
  const add = (label: string, value: string | undefined): void => {
    if (value !== undefined)
      lines.push(
        `${paint(process.stdout, 'bold', label.padEnd(LABEL))}${hanging(visible(value), LABEL, process.stdout)}`,
      );
  };
  const shards = state.active;
  const status = statusOf(state);
  add('Run', settings.name);
  add('Status', holder ? `${status}, process ${holder.pid} works on it` : status);
  add('Stopped', state.stopped && `${state.stopped.message} (${state.stopped.code})`);
  add('Input', `${settings.input.name}, ${formatCount(state.requests)} requests`);
  add('Model', `${settings.provider}/${settings.model}`);
  add('Began', formatMoment(new Date(settings.created)));
  add('Batches', countsOf(shards));
  const { finished } = state;
  add('Spent', state.spentUsd > 0 ? formatDollars(finished?.usd ?? state.spentUsd) : undefined);
  if (finished) {
    add('Finished', formatMoment(new Date(finished.at)));
    add(
      'Rows',
      Object.entries(finished.outcomes)
        .map(([outcome, rows]) => `${formatCount(rows)} ${outcome}`)
        .join(', '),
    );
    add('Output', finished.output?.path);
  }
  for (const shard of shards) {
    const { id, phase, batch, ended, suspects, why } = shard;
    if (phase === 'collected' || phase === 'waiting') continue;
    const facts = [
      phase,
      batch,
      ended?.status,
      suspects.length > 0 ? `candidates: ${suspects.join(', ')}` : undefined,
      why,
    ];
    add(id, facts.filter((fact) => fact !== undefined).join('  '));
  }
  if (!finished && !holder) add('To go on', resume);
  return lines.join('\n');
}

function countsOf(shards: readonly ShardState[]): string {
  const counts = new Map<string, number>();
  for (const { phase } of shards) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return [...counts].map(([phase, count]) => `${formatCount(count)} ${phase}`).join(', ') || 'none yet';
}

const STYLES: Record<string, Style> = {
  finished: 'green',
  stopped: 'red',
  cancelled: 'gray',
  running: 'blue',
};

/** Runs as a table; on a narrow terminal, or a pipe, as lines. */
export async function renderRuns(
  runs: readonly KnownRun[],
  shown: (folder: string) => string,
): Promise<string> {
  const head = ['Directory', 'Status', 'Began', 'Requests', 'Batches', 'Spent'];
  const rows = runs.map(({ folder, settings, state, holder }) => {
    const done = state.in('collected').length;
    const status = statusOf(state);
    return [
      visible(shown(folder)),
      holder ? `${status} (${holder.pid})` : status,
      formatTime(new Date(settings.created)),
      formatCount(state.planned ? state.requests : undefined),
      `${formatCount(done)} of ${formatCount(state.active.length)}`,
      state.spentUsd > 0 ? formatDollars(state.finished?.usd ?? state.spentUsd) : '-',
    ];
  });
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  if (!process.stdout.isTTY || tableWidth(widths, 1) > widthOf(process.stdout))
    return [head, ...rows]
      .map((row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  const { renderTable } = await import('./table.js');
  const painted = rows.map((row) =>
    row.map((cell, column) =>
      column === 1 ? paint(process.stdout, STYLES[cell.split(' ')[0] ?? ''] ?? 'yellow', cell) : cell,
    ),
  );
  return renderTable({ title: 'Runs', head, rows: painted, widths, padding: 1 });
}
