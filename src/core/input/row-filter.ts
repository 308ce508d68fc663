import { InstructorError } from '../../failure/instructor-error.js';
import { conditionFault } from './condition-syntax.js';
import { createConditionEngine, liquidReason } from './liquid-engine.js';
import { comparableCell } from './comparable-cell.js';
import { namedColumns, scopeOf, type NamedColumns } from './named-columns.js';
import { cellOf } from '../../rows/cell-of.js';
import { rowValues } from '../../rows/row-values.js';

/** A condition that rows meet or not. */
export interface RowFilter extends NamedColumns {
  /** @param untyped cells are texts, as in CSV: compared with a number, one that reads like a number counts as one */
  matches(values: Record<string, unknown>, untyped: boolean): boolean;
}

/** Reads a Liquid condition such as `status == "open" and (score > 5 or row["Due on"] == "")`. */
export async function createRowFilter(condition: string): Promise<RowFilter> {
  const { engine, parseCondition } = await createConditionEngine();
  const comparable = await comparableCell();
  const { parsed, ...named } = await read();
  if (named.columns.length === 0 && !named.wholeRow)
    throw notACondition(condition, 'it names no column, so that all rows would be alike');
  return {
    ...named,
    matches(values, untyped) {
      const columns = named.wholeRow ? Object.keys(values) : named.columns;
      const cells = columns.map((column) => {
        const value = cellOf(values, column);
        return untyped && typeof value === 'string' ? comparable(value) : value;
      });
      try {
        return engine.renderSync(parsed, scopeOf(rowValues(columns, cells))) === '1';
      } catch (error) {
        throw notACondition(condition, liquidReason(error), error);
      }
    },
  };

  async function read(): Promise<NamedColumns & { parsed: ReturnType<typeof parseCondition> }> {
    try {
      const fault = conditionFault(condition, await import('liquidjs'));
      if (fault !== undefined) throw notACondition(condition, fault);
      const parsed = parseCondition(condition);
      return { parsed, ...namedColumns(engine, parsed) };
    } catch (error) {
      if (error instanceof InstructorError) throw error;
      throw notACondition(condition, liquidReason(error), error);
    }
  }
}

function notACondition(condition: string, reason: string, cause?: unknown): InstructorError {
  return new InstructorError('usage', `--where '${condition}' is not a condition: ${reason}`, {
    hint: `Such as: --where 'status == "open" and score > 5'; a column with blanks is row["its name"]`,
    cause,
  });
}
