import * as Flags from '@oclif/core/flags';
import type { TableInputOptions } from '../core/input/table-input.js';
import { InstructorError } from '../failure/instructor-error.js';
import { formatOf } from '../rows/table-format.js';
import { TABLE_FORMATS, type TableFormat } from '../rows/table.js';

const GROUP = 'ROWS OF A TABLE';

/** What a table is, which of its rows are meant, and what is asked of each. */
export const tableInputFlags = {
  input: Flags.string({
    summary:
      'Table with a row for each request: jsonl, json, csv, tsv, parquet, or gzip of a text; - is standard input',
    helpValue: 'FILE',
    helpGroup: GROUP,
  }),
  'input-format': Flags.string({
    summary: 'Form of the input, needed for standard input; else the ending of its name tells',
    options: [...TABLE_FORMATS],
    dependsOn: ['input'],
    helpGroup: GROUP,
  }),
  delimiter: Flags.string({
    summary: 'What separates the cells of a CSV; else the file tells',
    dependsOn: ['input'],
    helpValue: 'CHAR',
    helpGroup: GROUP,
  }),
  'input-encoding': Flags.string({
    summary: 'Encoding of a CSV that is not UTF-8, such as windows-1252',
    dependsOn: ['input'],
    helpValue: 'NAME',
    helpGroup: GROUP,
  }),
  prompt: Flags.string({
    summary:
      "The user's message, a Liquid template over the columns such as 'Classify: {{ text }}', or a file with it",
    dependsOn: ['input'],
    helpValue: 'FILE|TEXT',
    helpGroup: GROUP,
  }),
  system: Flags.string({
    summary: 'The system message, likewise',
    dependsOn: ['input'],
    helpValue: 'FILE|TEXT',
    helpGroup: GROUP,
  }),
  'messages-column': Flags.string({
    summary: 'Column that holds a list of messages; with --prompt that is added to it',
    dependsOn: ['input'],
    helpValue: 'COLUMN',
    helpGroup: GROUP,
  }),
  'image-column': Flags.string({
    summary: 'Column with an image: a file, named from the folder of the input, or a URL',
    dependsOn: ['input'],
    helpValue: 'COLUMN',
    helpGroup: GROUP,
  }),
  'id-column': Flags.string({
    summary: 'Column with an id for each row; else its number in the file is the id',
    dependsOn: ['input'],
    helpValue: 'COLUMN',
    helpGroup: GROUP,
  }),
  where: Flags.string({
    summary: `Only rows that meet a Liquid condition, such as 'status == "open" and score > 5'`,
    dependsOn: ['input'],
    helpValue: 'CONDITION',
    helpGroup: GROUP,
  }),
  sample: Flags.integer({
    summary: 'Only so many rows, chosen by chance',
    dependsOn: ['input'],
    min: 1,
    helpGroup: GROUP,
  }),
  seed: Flags.string({
    summary: 'The same seed chooses the same rows; 1 by default',
    dependsOn: ['sample'],
    helpGroup: GROUP,
  }),
  limit: Flags.integer({
    summary: 'Only the first rows, so many',
    dependsOn: ['input'],
    min: 1,
    helpGroup: GROUP,
  }),
};

/** The values of these flags. */
export interface TableInputValues {
  input?: string;
  'input-format'?: string;
  delimiter?: string;
  'input-encoding'?: string;
  prompt?: string;
  system?: string;
  'messages-column'?: string;
  'image-column'?: string;
  'id-column'?: string;
  where?: string;
  sample?: number;
  seed?: string;
  limit?: number;
}

/** What the flags say; a format that they do not tell is an error now, before anything is read. */
export function toTableInput(flags: TableInputValues): TableInputOptions {
  const { input = '', sample, delimiter } = flags;
  const format = (flags['input-format'] as TableFormat | undefined) ?? formatOf(input);
  const name = input === '-' ? 'standard input' : input;
  for (const flag of ['delimiter', 'input-encoding'] as const)
    if (flags[flag] !== undefined && format !== 'csv' && format !== 'tsv')
      throw new InstructorError('usage', `--${flag} is for CSV, and ${name} is ${format}`, {
        hint: `Leave it out, or say what the file is: --input-format csv`,
      });
  return {
    path: input,
    name,
    format,
    delimiter: delimiter === undefined ? undefined : toDelimiter(delimiter),
    encoding: flags['input-encoding'],
    prompt: flags.prompt,
    system: flags.system,
    messagesColumn: flags['messages-column'],
    imageColumn: flags['image-column'],
    idColumn: flags['id-column'],
    where: flags.where,
    limit: flags.limit,
    sample: sample === undefined ? undefined : { size: sample, seed: flags.seed ?? '1' },
  };
}

/** A tab is hard to type. */
export function toDelimiter(text: string): string {
  const delimiter = text === String.raw`\t` || text === 'tab' ? '\t' : text;
  if (delimiter.length > 0 && !/["\r\n]/.test(delimiter)) return delimiter;
  throw new InstructorError('usage', `--delimiter ${JSON.stringify(text)} cannot separate cells`, {
    hint: `Such as: --delimiter ';', or --delimiter tab`,
  });
}
