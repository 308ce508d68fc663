import { InstructorError } from '../../failure/instructor-error.js';
import { createEngine, liquidMessage } from './liquid-engine.js';
import { comparableCell } from './comparable-cell.js';

/** A condition that rows meet or not. */
export interface RowFilter {
  /** The columns that it names. */
  columns: string[];
  /** @param untyped cells are texts, as in CSV: compared with a number, one that reads like a number counts as one */
  matches(values: Record<string, unknown>, untyped: boolean): boolean;
}

/** Reads a Liquid condition such as `status == "open" and score > 5`. */
export async function createRowFilter(condition: string): Promise<RowFilter> {
  const engine = await createEngine();
  const cellOf = await comparableCell();
  try {
    const parsed = engine.parse(`{% if ${condition} %}1{% endif %}`);
    const columns = engine.globalVariablesSync(parsed).map(String);
    return {
      columns,
      matches: (values, untyped) => {
        const scope: Record<string, unknown> = {};
        for (const column of columns) {
          const value = values[column];
          scope[column] = untyped && typeof value === 'string' ? cellOf(value) : value;
        }
        return engine.renderSync(parsed, scope) === '1';
      },
    };
  } catch (error) {
    throw new InstructorError('usage', `--where "${condition}" is not a condition: ${liquidMessage(error)}`, {
      hint: `Such as: --where 'status == "open" and score > 5'`,
      cause: error,
    });
  }
}
