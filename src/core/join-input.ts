import { InstructorError } from '../failure/instructor-error.js';
import { openTable } from '../rows/open-table.js';
import type { OpenTableOptions } from '../rows/table.js';
import type { JoinRow } from './collect-results.js';
import { ColumnCheck } from './input/columns.js';
import { idOfRow } from './input/row-id.js';
import { RowProblem } from './input/template.js';
import type { SafeIds } from './safe-ids.js';

/** The table that answers are to be put beside. */
export interface JoinInputOptions extends Omit<OpenTableOptions, 'only'> {
  path: string;
  /** What it is called in messages. */
  name: string;
  /** The column with the ids; else a row's number is its id. */
  idColumn?: string;
}

export interface JoinInput extends JoinInputOptions {
  /** In their order, where the file says them before the first row. */
  columns?: readonly string[];
  rows(ids: SafeIds): AsyncGenerator<JoinRow[]>;
}

/** Opens the table. Rows without an id come without one: nothing can have been asked for them. */
export async function openJoinInput(options: JoinInputOptions): Promise<JoinInput> {
  const table = await openTable(options.path, options);
  const { idColumn, name } = options;
  const named = idColumn === undefined ? [] : [{ name: idColumn, by: '--id-column' }];
  const check = new ColumnCheck(name, named, table.columns);
  return {
    ...options,
    columns: table.columns,
    async *rows(ids) {
      for await (const block of table.rows()) {
        const rows: JoinRow[] = [];
        for (const row of block) {
          if ('unreadable' in row) {
            rows.push({ customId: undefined, values: {} });
            continue;
          }
          check.add(row.values);
          const id = idOrNone(row.row, row.values, idColumn);
          rows.push({ id, customId: id === undefined ? undefined : ids.toSafe(id), values: row.values });
        }
        yield rows;
      }
      check.finish();
    },
  };
}

function idOrNone(
  row: number,
  values: Record<string, unknown>,
  column: string | undefined,
): string | undefined {
  try {
    return idOfRow(row, values, column);
  } catch (error) {
    if (error instanceof RowProblem) return undefined;
    throw error;
  }
}

/** Said when the input and the answers have nothing in common, which no one can have meant. */
export function nothingJoined({ name, idColumn, columns }: JoinInput): InstructorError {
  const by = idColumn === undefined ? 'by its number in the file' : `by its "${idColumn}"`;
  const known = columns ? `; columns: ${columns.slice(0, 12).join(', ')}` : '';
  return new InstructorError('usage', `No answer belongs to a row of ${name}, each known ${by}`, {
    hint: `Name the column that was the --id-column when the requests were made${known}`,
  });
}
