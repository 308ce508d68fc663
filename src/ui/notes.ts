import { paint, writeErr } from './terminal.js';
import { visible } from '../text/visible.js';

/** Something the user should know; not an error. */
export function note(text: string): void {
  writeErr(`${paint(process.stderr, 'cyan', 'Note:')} ${visible(text)}`);
}

/** Something that is probably not as the user wants it. */
export function warn(text: string): void {
  writeErr(`${paint(process.stderr, 'yellow', 'Warning:')} ${visible(text)}`);
}

/** What happens or has happened, for people. */
export function say(text: string): void {
  writeErr(text);
}
