import type { JsonSchema } from '@instructor-cli/provider-kit';

/** Where a column comes from: the input that was joined, what is known of each row, or the answer. */
export type ColumnGroup = 'input' | 'head' | 'answer' | 'tail';
const GROUPS: ColumnGroup[] = ['input', 'head', 'answer', 'tail'];

export type ColumnType = 'text' | 'json' | 'boolean' | 'integer' | 'number';

/** A column of the table that is written. */
export interface ResultColumn {
  /** Its number in the order in which columns came up. */
  key: number;
  name: string;
  type: ColumnType;
}

interface Column {
  key: number;
  group: ColumnGroup;
  name: string;
  types: Set<ColumnType>;
}

/** What goes into a cell: nothing that JSON cannot hold. */
export type Cell = string | number | boolean;

/**
 * The columns of a table, found while its rows go by: answers may have any fields, and a file has to begin with all
 * of them.
 */
export class ResultColumns {
  private readonly columns: Column[] = [];
  /** Asked for every cell. */
  private readonly byName: Record<ColumnGroup, Map<string, Column>> = {
    input: new Map(),
    head: new Map(),
    answer: new Map(),
    tail: new Map(),
  };

  /** @param joined answers stand beside the columns of an input, under names of their own */
  constructor(private readonly joined: boolean) {}

  /** The number of a column; a new one if it did not come up before. */
  keyOf(group: ColumnGroup, name: string, type?: ColumnType): number {
    const byName = this.byName[group];
    let column = byName.get(name);
    if (!column) {
      column = { key: this.columns.length, group, name, types: new Set() };
      this.columns.push(column);
      byName.set(name, column);
    }
    if (type) column.types.add(type);
    return column.key;
  }

  /** All columns in the order in which they are written, and which had to be given another name. */
  finish(): { columns: ResultColumn[]; renamed: { from: string; to: string }[] } {
    const names = new Set<string>();
    const renamed: { from: string; to: string }[] = [];
    const named = new Map<Column, string>();
    // The input keeps its names, then come the ones that scripts rely on.
    for (const group of ['input', 'head', 'tail', 'answer'] as const) {
      for (const column of this.columns.filter((other) => other.group === group)) {
        const wanted = group === 'answer' ? this.answerName(column.name) : column.name;
        let name = wanted;
        while (names.has(name)) name = `${group === 'answer' ? 'result' : 'batch'}.${name}`;
        if (name !== wanted) renamed.push({ from: wanted, to: name });
        names.add(name);
        named.set(column, name);
      }
    }
    const columns = GROUPS.flatMap((group) => this.columns.filter((column) => column.group === group)).map(
      (column) => ({ key: column.key, name: named.get(column) ?? column.name, type: typeOf(column.types) }),
    );
    return { columns, renamed };
  }

  /** An answer that is no object has no field to name it by. */
  private answerName(name: string): string {
    if (name === '') return 'result';
    return this.joined ? name : `result.${name}`;
  }
}

/** The one type that holds all cells of a column. */
function typeOf(types: ReadonlySet<ColumnType>): ColumnType {
  const [only] = types;
  if (types.size === 1 && only) return only;
  const numeric = types.size === 2 && types.has('integer') && types.has('number');
  return numeric ? 'number' : 'text';
}

/** The fields that a schema promises, nested ones as `a.b`, in its order: so the head is the same whatever comes. */
export function fieldsOf(schema: JsonSchema | undefined, prefix = ''): string[] {
  const properties = propertiesOf(schema);
  if (!properties) return prefix === '' ? [] : [prefix];
  const names = Object.entries(properties);
  if (names.length === 0) return prefix === '' ? [] : [prefix];
  return names.flatMap(([name, inner]) => fieldsOf(inner, prefix === '' ? name : `${prefix}.${name}`));
}

/** Of an object, also of one that may be null. */
function propertiesOf(schema: JsonSchema | undefined): Record<string, JsonSchema> | undefined {
  const branches = [schema, ...((schema?.['anyOf'] as JsonSchema[] | undefined) ?? [])];
  const objects = branches.filter((branch) => typeof branch?.['properties'] === 'object');
  const [only] = objects;
  return objects.length === 1 ? (only?.['properties'] as Record<string, JsonSchema>) : undefined;
}
