/** A path or a value as a shell takes it. */
export function shellQuoted(text: string): string {
  return /^[\w./:@%+,-][\w./:@%+,#-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
