import Table from 'cli-table3';

export interface TableOptions {
  title?: string;
  head: string[];
  rows: string[][];
  /** Widths of the contents, without padding. */
  widths: number[];
  padding: number;
}

const HEAVY = {
  top: '━',
  'top-mid': '┳',
  'top-left': '┏',
  'top-right': '┓',
  bottom: '━',
  'bottom-mid': '╇',
  'bottom-left': '┡',
  'bottom-right': '┩',
  left: '┃',
  right: '┃',
  middle: '┃',
  mid: '',
  'left-mid': '',
  'mid-mid': '',
  'right-mid': '',
};
const LIGHT = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '─',
  'bottom-mid': '┴',
  'bottom-left': '└',
  'bottom-right': '┘',
  left: '│',
  right: '│',
  middle: '│',
  mid: '',
  'left-mid': '',
  'mid-mid': '',
  'right-mid': '',
};

/** A table with a heavy rule around its header. The library draws one style per table, so header and body are two. */
export function renderTable({ title, head, rows, widths, padding }: TableOptions): string {
  const options = {
    colWidths: widths.map((width) => width + padding * 2),
    wordWrap: true,
    style: { head: [], border: [], 'padding-left': padding, 'padding-right': padding },
  };
  const header = new Table({ ...options, chars: HEAVY });
  header.push(head);
  const body = new Table({ ...options, chars: LIGHT });
  body.push(...rows);
  const total = tableWidth(widths, padding);
  const lines = [header.toString(), ...(rows.length > 0 ? [body.toString()] : [])];
  if (title !== undefined)
    lines.unshift(' '.repeat(Math.max(0, Math.floor((total - title.length) / 2))) + title);
  return lines.join('\n');
}

/** Columns that the table takes on a screen. */
export function tableWidth(widths: readonly number[], padding: number): number {
  return widths.reduce((sum, width) => sum + width + padding * 2, widths.length + 1);
}
