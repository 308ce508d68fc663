/** The start of a text that is too long, and how much of it is left out. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text;
  // Half of a character would be shown as a box.
  const end = /[\ud800-\udbff]/.test(text.charAt(longest - 1)) ? longest - 1 : longest;
  return `${text.slice(0, end)}… [${(text.length - end).toLocaleString('en')} more characters]`;
}
