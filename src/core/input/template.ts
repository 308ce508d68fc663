import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Liquid, Template as Parsed } from 'liquidjs';
import { describeFileError } from '../../failure/file-error.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { createEngine, liquidMessage } from './liquid-engine.js';
import { readTemplateFile } from './template-file.js';
import { namedColumns, scopeOf, type NamedColumns } from './named-columns.js';

/** A text with places for the columns of a row. */
export interface Template extends NamedColumns {
  /** Throws a `RowProblem` for a row that lacks one of them. */
  render(values: Record<string, unknown>): string;
}

/**
 * Makes a Liquid template of a text, or of the file of that name.
 *
 * @param flag for messages, such as `--prompt`
 * @example
 * const prompt = await loadTemplate('Classify: {{ text }}', '--prompt');
 * prompt.render({ text: 'Hello' }); // 'Classify: Hello'
 */
export async function loadTemplate(
  fileOrText: string,
  flag: string,
  signal?: AbortSignal,
): Promise<Template> {
  const file = await fileNamed(fileOrText, flag);
  const text = file === undefined ? fileOrText : await readTemplateFile(file, signal);
  if (text.trim() === '')
    throw new InstructorError('usage', `${flag}${file === undefined ? '' : ` ${file}`} is empty`, {
      hint: `Such as: ${flag} 'Classify: {{ text }}', with a column of the file`,
    });
  const engine = await createEngine(file === undefined ? '.' : dirname(file));
  try {
    const parsed = engine.parse(text);
    return { ...namedColumns(engine, parsed), render: renderer(engine, parsed) };
  } catch (error) {
    const { originalError = error } = error as { originalError?: unknown };
    if (originalError instanceof InstructorError) throw originalError;
    throw new InstructorError('usage', `${flag} is not a valid template: ${liquidMessage(error)}`, {
      hint: 'Columns are written {{ name }}; a literal {{ is written {% raw %}{{{% endraw %}',
      cause: error,
    });
  }
}

/** The text of a template, from its file if it names one. */
export async function readTemplateText(fileOrText: string, flag: string): Promise<string> {
  const file = await fileNamed(fileOrText, flag);
  return file === undefined ? fileOrText : await readTemplateFile(file);
}

/** Something a row lacks, told to the user with its line. */
export class RowProblem extends Error {
  override readonly name = 'RowProblem';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function renderer(engine: Liquid, parsed: Parsed[]): Template['render'] {
  return (values) => {
    try {
      return engine.renderSync(parsed, scopeOf(values)) as string;
    } catch (error) {
      const missing = /^undefined variable: (.+?)(, line|, file|$)/.exec((error as Error).message)?.[1];
      throw missing === undefined
        ? new RowProblem('template', liquidMessage(error))
        : new RowProblem('missing_column', `has no "${missing}"`);
    }
  };
}

async function fileNamed(text: string, flag: string): Promise<string | undefined> {
  if (text.includes('\n') || text.includes('{{')) return undefined;
  const found = await stat(text).catch(() => undefined);
  if (found?.isDirectory()) throw describeFileError({ code: 'EISDIR' }, 'read', text);
  if (found) return text;
  if (!/^\S+\.(md|txt|liquid|prompt)$|^\.{0,2}\/\S+$/i.test(text)) return undefined;
  // A mistyped name would be sent as the prompt of every row.
  throw new InstructorError('usage', `${flag} ${text} looks like a file, but there is none`, {
    hint: 'Check the path; a text that is meant as it stands needs a space or a {{ column }}',
  });
}
