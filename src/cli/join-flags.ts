import * as Flags from '@oclif/core/flags';
import type { JoinInputOptions } from '../core/join-input.js';
import type { TableFormat } from '../rows/table.js';
import { formatOf } from '../rows/table-format.js';
import { tableInputFlags, toDelimiter, type TableInputValues } from './input-flags.js';

const dependsOn = ['join'];

/** The table that answers are put beside; the flags that say how to read it are those of `batch create`. */
export const joinFlags = {
  join: Flags.string({
    summary: 'The table that the requests were made of: its columns, and beside them the answer of each row',
    helpValue: 'FILE',
  }),
  'id-column': Flags.string({
    summary: 'Its column with the ids, as when the requests were made',
    dependsOn,
    helpValue: 'COLUMN',
  }),
  'input-format': Flags.string({
    summary: 'Its form; else the ending of its name tells',
    options: tableInputFlags['input-format'].options,
    dependsOn,
  }),
  delimiter: Flags.string({ summary: 'What separates its cells, of a CSV', dependsOn, helpValue: 'CHAR' }),
  'input-encoding': Flags.string({
    summary: 'Its encoding, of a CSV that is not UTF-8',
    dependsOn,
    helpValue: 'NAME',
  }),
};

export function toJoinInput(
  flags: Pick<TableInputValues, 'id-column' | 'input-format' | 'delimiter' | 'input-encoding'> & {
    join?: string;
  },
  path: string,
): JoinInputOptions {
  const { join = '', delimiter } = flags;
  return {
    path,
    name: join === '-' ? 'standard input' : join,
    // Standard input is in a file by now, whose name tells nothing.
    format: (flags['input-format'] as TableFormat | undefined) ?? formatOf(join),
    delimiter: delimiter === undefined ? undefined : toDelimiter(delimiter),
    encoding: flags['input-encoding'],
    idColumn: flags['id-column'],
  };
}
