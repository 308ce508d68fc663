import type { Liquid, Template as Parsed } from 'liquidjs';

/** The whole row under one name, for columns whose names are no words: `{{ row["Ticket text"] }}`. */
const WHOLE_ROW = 'row';

/** The columns that a template or a condition names. */
export interface NamedColumns {
  columns: string[];
  /** It names the row as such, so that all columns count. */
  wholeRow: boolean;
}

export function namedColumns(engine: Liquid, parsed: Parsed[]): NamedColumns {
  const columns = new Set<string>();
  let wholeRow = false;
  for (const [name, column] of engine.globalVariableSegmentsSync(parsed)) {
    if (name === WHOLE_ROW) {
      if (typeof column === 'string') columns.add(column);
      else wholeRow = true;
    } else if (typeof name === 'string') columns.add(name);
  }
  return { columns: [...columns], wholeRow };
}

/** A row as Liquid sees it: its columns, and itself under a name of its own, unless a column has that name. */
export function scopeOf(values: Record<string, unknown>): Record<string, unknown> {
  return Object.hasOwn(values, WHOLE_ROW) ? values : { ...values, [WHOLE_ROW]: values };
}
