import { InstructorError } from '../failure/instructor-error.js';
import { rowValues } from './row-values.js';

/** The columns that a header names. */
export interface CsvColumns {
  names: string[];
  notes: string[];
}

/** Cells without a name are called by their place, and no name may be there twice. */
export function csvColumns(header: readonly string[], name: string): CsvColumns {
  const names = header.map((cell) => cell.trim());
  const nameless: number[] = [];
  names.forEach((column, index) => {
    if (column !== '') return;
    nameless.push(index + 1);
    names[index] = `column_${index + 1}`;
  });
  const places = new Map<string, number>();
  names.forEach((column, index) => {
    const before = places.get(column);
    if (before !== undefined) throw twice(name, column, before, index + 1);
    places.set(column, index + 1);
  });
  return { names, notes: nameless.length === 0 ? [] : [noteOn(nameless)] };
}

function noteOn(nameless: readonly number[]): string {
  if (nameless.length === 1) return `Column ${nameless[0]} has no name and is called column_${nameless[0]}`;
  const called = nameless.map((place) => `column_${place}`).join(', ');
  return `Columns ${nameless.join(', ')} have no names and are called ${called}`;
}

function twice(name: string, column: string, first: number, second: number): InstructorError {
  return new InstructorError(
    'input',
    `${name}: the header has "${column}" twice, as columns ${first} and ${second}`,
    { hint: 'Give each column a name of its own' },
  );
}

/** The cells of a row by the names of the columns, or what is wrong with their number. */
export function csvValues(
  cells: readonly string[],
  names: readonly string[],
): { values: Record<string, unknown> } | { unreadable: string; source: readonly string[] } {
  const wanted = names.length;
  const surplus = cells.length > wanted && cells.slice(wanted).some((cell) => cell !== '');
  if (cells.length < wanted || surplus) {
    return {
      unreadable: `has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the header has ${wanted}`,
      source: cells,
    };
  }
  return { values: rowValues(names, cells) };
}
