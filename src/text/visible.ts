/**
 * Makes control characters visible: what a provider or a file holds is data, and must not move the cursor, colour
 * the screen or turn the direction of text. Tabs become blanks.
 */
export function visible(text: string): string {
  return text.replace(CONTROL, (character) => {
    if (character === '\t') return ' ';
    const code = character.charCodeAt(0);
    if (code === 0x0a) return '\\n';
    if (code === 0x0d) return '\\r';
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

// eslint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** The same for text of several lines, whose line feeds stay. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
