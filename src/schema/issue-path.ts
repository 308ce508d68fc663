/** Writes the way to a value as one would in code: `items[0].name`. */
export function issuePath(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    const text = String(segment);
    if (/^\d+$/.test(text)) return `${path}[${text}]`;
    if (!/^[\w$-]+$/.test(text)) return `${path}[${JSON.stringify(text)}]`;
    return path === '' ? text : `${path}.${text}`;
  }, '');
}
