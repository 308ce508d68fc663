/** Turns any name into one that providers accept for a schema or a tool: `^[a-zA-Z0-9_-]{1,64}$`. */
export function schemaName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-zA-Z0-9_-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
  return plain || 'response';
}
