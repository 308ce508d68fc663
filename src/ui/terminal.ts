import { styleText } from 'node:util';

type Stream = NodeJS.WriteStream;
export type Style = Parameters<typeof styleText>[0];

/** Whether a stream shows colours: the user's word first, then what it is. */
export function hasColour(stream: Stream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

export function paint(stream: Stream, style: Style, text: string): string {
  // Node would look at standard output, whichever stream the text is for.
  return hasColour(stream) ? styleText(style, text, { validateStream: false }) : text;
}

/** Columns that a table may take. A pipe has no edge. */
export function widthOf(stream: Stream): number {
  const set = Number.parseInt(process.env['OCLIF_COLUMNS'] ?? process.env['COLUMNS'] ?? '', 10);
  if (set > 0) return set;
  return stream.isTTY && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
}

/** Whether something that moves can be shown. */
export function isLively(stream: Stream): boolean {
  return stream.isTTY === true && process.env['TERM'] !== 'dumb' && !process.env['CI'];
}

export function writeOut(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function writeErr(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Breaks a text between words so that it stands behind a label of so many columns; a pipe has no edge. */
export function hanging(text: string, label: number, stream: Stream): string {
  const room = widthOf(stream) - label;
  if (text.length <= room || room < 20) return text;
  const lines: string[] = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > room) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(label)}`);
}
