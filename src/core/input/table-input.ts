import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import { dirname } from 'node:path';
import { InstructorError } from '../../failure/instructor-error.js';
import { openTable } from '../../rows/open-table.js';
import type { OpenTableOptions, Table, TableRow } from '../../rows/table.js';
import type { InputRow } from '../create-requests.js';
import { SafeIds } from '../safe-ids.js';
import { ColumnCheck, type NamedColumn } from './columns.js';
import { conversationOfRow, type ConversationSettings } from './conversation-of-row.js';
import { createRowFilter, type RowFilter } from './row-filter.js';
import { idOfRow } from './row-id.js';
import { RowSample } from './sample-rows.js';
import { loadTemplate, RowProblem, type Template } from './template.js';

/** What the user says about a table and what to ask of its rows. */
export interface TableInputOptions extends Omit<OpenTableOptions, 'only'> {
  /** A file that can be read more than once. */
  path: string;
  /** What it is called in messages. */
  name: string;
  /** Liquid, or the name of a file with it. */
  prompt?: string;
  system?: string;
  messagesColumn?: string;
  imageColumn?: string;
  idColumn?: string;
  /** A Liquid condition. */
  where?: string;
  /** Rows that are taken at most. */
  limit?: number;
  /** Rows that are chosen by chance, from those that meet the condition. */
  sample?: { size: number; seed: string };
}

/** Rows of a table as conversations. */
export interface TableInput {
  /** What places in it are called. */
  places: 'line' | 'row';
  notes: string[];
  rows: AsyncGenerator<InputRow[]>;
}

interface Prepared {
  options: TableInputOptions;
  table: Table;
  conversation: ConversationSettings;
  filter: RowFilter | undefined;
  named: NamedColumn[];
  ids: SafeIds;
  provider: string;
  chosen: Set<number> | undefined;
}

/** Opens a table and makes conversations of its rows. Names of columns that do not exist are found before anything is written. */
export async function openTableInput(
  options: TableInputOptions,
  { name, limits }: ProviderDeclaration,
): Promise<TableInput> {
  const { path, name: file, messagesColumn, imageColumn, idColumn, where } = options;
  const template = async (text: string | undefined, flag: string): Promise<Template | undefined> =>
    text === undefined ? undefined : await loadTemplate(text, flag, options.signal);
  const prompt = await template(options.prompt, '--prompt');
  const system = await template(options.system, '--system');
  if (!prompt && messagesColumn === undefined && imageColumn === undefined) throw nothingToAsk();
  const filter = where === undefined ? undefined : await createRowFilter(where);
  const named = [
    ...columnsOf(prompt?.columns, '--prompt'),
    ...columnsOf(system?.columns, '--system'),
    ...columnsOf(filter?.columns, '--where'),
    ...columnsOf(messagesColumn, '--messages-column'),
    ...columnsOf(imageColumn, '--image-column'),
    ...columnsOf(idColumn, '--id-column'),
  ];
  const chosen = options.sample && (await chooseRows(options, options.sample, filter));
  const all = [prompt, system, filter].some((part) => part?.wholeRow);
  const only = all ? undefined : named.map((column) => column.name);
  const table = await openTable(path, { ...options, only, exactNumbers: true });
  const prepared: Prepared = {
    options,
    table,
    filter,
    named,
    chosen,
    provider: name,
    ids: new SafeIds(limits.customId),
    conversation: {
      prompt,
      system,
      messagesColumn,
      imageColumn,
      imageFolder: file === path ? dirname(path) : '.',
    },
  };
  return {
    places: table.format === 'parquet' ? 'row' : 'line',
    notes: table.notes,
    rows: inputRows(prepared, new ColumnCheck(file, named, table.columns)),
  };
}

function nothingToAsk(): InstructorError {
  return new InstructorError('usage', 'There is nothing to ask: --input needs a prompt', {
    hint: `Such as: --prompt 'Classify: {{ text }}', with a column of the file; or --messages-column NAME`,
  });
}

function columnsOf(names: string | string[] | undefined, by: string): NamedColumn[] {
  return names === undefined ? [] : [names].flat().map((name) => ({ name, by }));
}

/** A pass over the rows that only draws lots. */
async function chooseRows(
  options: TableInputOptions,
  { size, seed }: { size: number; seed: string },
  filter: RowFilter | undefined,
): Promise<Set<number>> {
  const sample = new RowSample(size, seed);
  const table = await openTable(options.path, {
    ...options,
    only: filter?.wholeRow ? undefined : (filter?.columns ?? []),
  });
  for await (const block of table.rows()) {
    for (const row of block) {
      if ('unreadable' in row || !filter || filter.matches(row.values, table.untyped)) sample.offer(row.row);
    }
  }
  return sample.rows();
}

async function* inputRows(prepared: Prepared, check: ColumnCheck): AsyncGenerator<InputRow[]> {
  const { table, options, filter, chosen } = prepared;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for await (const block of table.rows()) {
    const rows: InputRow[] = [];
    for (const row of block) {
      if ('values' in row) check.add(row.values);
      if (left === 0) {
        if (check.complete) break;
        // No more rows are wanted, but one further down may have a column that was named.
        continue;
      }
      if ('values' in row) {
        if (filter && !filter.matches(row.values, table.untyped)) continue;
      }
      if (chosen && !chosen.has(row.row)) continue;
      left -= 1;
      rows.push(toInputRow(row, prepared));
    }
    if (rows.length > 0) yield rows;
    if (left === 0 && check.complete) return;
  }
  check.finish();
}

function toInputRow(row: TableRow, { options, conversation, ids, provider }: Prepared): InputRow {
  const place = { line: row.line ?? row.row, row: row.row };
  if ('unreadable' in row)
    return { ...place, problem: { code: 'unreadable_row', message: row.unreadable }, source: row.source };
  const { values } = row;
  try {
    const id = idOfRow(row.row, values, options.idColumn);
    const custom_id = ids.toSafe(id);
    if (custom_id === undefined)
      throw new RowProblem('invalid_id', `${provider} takes no id that could stand for "${id.slice(0, 80)}"`);
    return {
      ...place,
      value: { custom_id, messages: conversationOfRow(values, conversation) },
      originalId: id,
      source: values,
    };
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error;
    return { ...place, problem: { code: error.code, message: error.message }, source: values };
  }
}
