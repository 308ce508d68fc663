import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import type { InputRow } from '../../core/create-requests.js';
import { openTableInput } from '../../core/input/table-input.js';
import { readTemplateText } from '../../core/input/template.js';
import { rowsFromFile } from '../../core/message-rows.js';
import { InstructorError } from '../../failure/instructor-error.js';
import type { RunSettings, TableSettings, TemplateText } from '../store/run-settings.js';

export interface RunRows {
  rows: AsyncIterable<InputRow[]>;
  places: 'line' | 'row';
  notes: string[];
}

/** The rows that a run asks about, as they were when it began. */
export async function openRunRows(
  { input }: RunSettings,
  declaration: ProviderDeclaration,
  signal: AbortSignal,
): Promise<RunRows> {
  if (input.kind === 'messages') return { rows: rowsFromFile(input.path, signal), places: 'line', notes: [] };
  return await openTableInput(
    { ...(await tableOptions(input.table)), path: input.path, name: input.name, signal },
    declaration,
  );
}

async function tableOptions({
  prompt,
  system,
  ...table
}: TableSettings): Promise<Omit<Parameters<typeof openTableInput>[0], 'path' | 'name'>> {
  return {
    ...table,
    prompt: await unchanged(prompt, '--prompt'),
    system: await unchanged(system, '--system'),
  };
}

/** A run that was interrupted while it was planned must not go on with another question. */
async function unchanged(template: TemplateText | undefined, flag: string): Promise<string | undefined> {
  if (!template) return undefined;
  const now = await readTemplateText(template.given, flag);
  if (now === template.text) return template.given;
  throw new InstructorError(
    'state',
    `The file ${template.given} (${flag}) has changed since the run was begun`,
    {
      hint: 'Nothing was sent yet: begin a new run',
    },
  );
}
