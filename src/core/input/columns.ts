import { InstructorError } from '../../failure/instructor-error.js';
import { nearestNames } from '../../failure/nearest-names.js';

/** A column that the user named, and where: `--id-column`, `--prompt`. */
export interface NamedColumn {
  name: string;
  by: string;
}

const MOST_COLUMNS_SHOWN = 12;
/** Rows of a file without a head may each have names of their own. */
const MOST_COLUMNS_REMEMBERED = 10_000;

/**
 * Finds names that no row has. Where the file says its columns at once, so does this; else the rows tell, each row may
 * lack some, and only the last one is proof that a name was a mistake.
 */
export class ColumnCheck {
  private readonly unseen: Map<string, NamedColumn>;
  private readonly seen = new Set<string>();

  constructor(
    private readonly file: string,
    named: readonly NamedColumn[],
    columns: readonly string[] | undefined,
  ) {
    this.unseen = new Map(named.map((column) => [column.name, column]));
    if (!columns) return;
    for (const column of columns) this.see(column);
    this.finish();
  }

  /** Each name has come up: no further row can tell anything. */
  get complete(): boolean {
    return this.unseen.size === 0;
  }

  /** Takes note of the columns of a row. */
  add(values: Record<string, unknown>): void {
    if (this.complete) return;
    for (const column of Object.keys(values)) this.see(column);
  }

  /** Throws if a name has not come up. A file without any row has no columns, and says so itself. */
  finish(): void {
    const [missing] = this.unseen.values();
    if (missing && this.seen.size > 0) throw this.unknown(missing);
  }

  private see(column: string): void {
    this.unseen.delete(column);
    if (this.seen.size < MOST_COLUMNS_REMEMBERED) this.seen.add(column);
  }

  private unknown({ name, by }: NamedColumn): InstructorError {
    const columns = [...this.seen];
    const near = nearestNames(name, columns);
    const shown = columns.slice(0, MOST_COLUMNS_SHOWN).join(', ');
    const more =
      columns.length > MOST_COLUMNS_SHOWN ? ` and ${columns.length - MOST_COLUMNS_SHOWN} more` : '';
    return new InstructorError('usage', `${by} names "${name}", but ${this.file} has no such column`, {
      hint: `${near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : ''}Columns: ${shown}${more}`,
    });
  }
}
