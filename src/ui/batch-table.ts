import {
  hasEnded,
  type Batch,
  type BatchStatus,
  type ProviderDeclaration,
} from '@instructor-cli/provider-kit';
import { formatDuration, formatTime } from './format.js';
import { paint, widthOf, type Style } from './terminal.js';
import { visible } from '../text/visible.js';

const STATUS_STYLES: Record<BatchStatus, Style> = {
  pending: 'yellow',
  processing: 'blue',
  cancelling: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'gray',
  expired: 'magenta',
};

export interface BatchRow {
  provider: ProviderDeclaration;
  batch: Batch;
}

export interface BatchTableOptions {
  title: string;
  rows: readonly BatchRow[];
  /** The count columns: those of one provider, or the common ones for a table of several. */
  counts: readonly string[];
  showProvider?: boolean;
  /** Never cut an id, even if the table then is wider than the terminal. */
  fullId?: boolean;
  stream?: NodeJS.WriteStream;
  now?: Date;
}

const SHORTEST_ID = 12;
/** For tables of several providers, which have a column more. */
const LAST_ID = 8;
/** Enough for every status that is known here. */
const SHORTEST_NAME = 10;

/**
 * The table of batches. It narrows in steps until it fits: shorter ids, dates on two lines, no padding, and at last
 * shorter names.
 */
export async function renderBatchTable(options: BatchTableOptions): Promise<string> {
  const { renderTable, tableWidth } = await import('./table.js');
  const {
    title,
    rows,
    counts,
    showProvider = false,
    fullId = false,
    stream = process.stdout,
    now = new Date(),
  } = options;
  const head = [
    'Batch ID',
    ...(showProvider ? ['Provider'] : []),
    'Status',
    'Created',
    'Started',
    'Duration',
    ...counts.map(capitalised),
  ];
  const cells = rows.map(({ provider, batch }) => [
    visible(batch.id),
    ...(showProvider ? [provider.name] : []),
    statusText(batch),
    formatTime(batch.times.created),
    formatTime(batch.times.started),
    durationOf(batch, now),
    ...counts.map((name) => countOf(batch, name, showProvider)),
  ]);
  const natural = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const dateColumns = [head.indexOf('Created'), head.indexOf('Started')];
  const available = widthOf(stream);

  const widths = [...natural];
  let padding = 1;
  const overflow = (): number => tableWidth(widths, padding) - available;
  const cut = (column: number, shortest: number): void => {
    const width = widths[column];
    if (width !== undefined && overflow() > 0)
      widths[column] = Math.max(Math.min(shortest, width), width - overflow());
  };
  const cutId = (shortest: number): void => {
    if (!fullId) cut(0, shortest);
  };
  cutId(24);
  if (overflow() > 0) for (const column of dateColumns) widths[column] = head[column]?.length ?? 0;
  if (overflow() > 0) padding = 0;
  cutId(SHORTEST_ID);
  const nameColumns = [head.indexOf('Provider'), head.indexOf('Status')];
  for (const column of nameColumns) cut(column, SHORTEST_NAME);
  cutId(LAST_ID);

  const styled = cells.map((row, index) =>
    row.map((cell, column) => {
      const text = column === 0 || nameColumns.includes(column) ? cutTo(cell, widths[column] ?? 0) : cell;
      if (head[column] === 'Status')
        return paint(stream, STATUS_STYLES[rows[index]?.batch.status ?? 'pending'], text);
      return text;
    }),
  );
  return renderTable({ title, head, rows: styled, widths, padding });
}

function statusText({ status, rawStatus, unknownStatus }: Batch): string {
  return unknownStatus ? `${visible(rawStatus)}?` : status;
}

function durationOf({ status, times }: Batch, now: Date): string {
  const { started, ended } = times;
  if (!started) return 'N/A';
  const end = ended ?? (hasEnded(status) ? undefined : now);
  return end ? formatDuration(end.getTime() - started.getTime()) : 'N/A';
}

/** A table of several providers shows what all have; otherwise the provider's own counts. */
function countOf({ counts, requests }: Batch, name: string, common: boolean): string {
  const count = common ? requests[name as keyof typeof requests] : counts[name];
  return count === undefined ? '-' : String(count);
}

function cutTo(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 3))}...`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
