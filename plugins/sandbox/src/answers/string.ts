import type { Random } from '../random.js';
import { generateFormat } from './format.js';
import { generateFromPattern } from './pattern.js';
import type { SchemaObject } from './schema-node.js';
import { word, words } from './words.js';

/** A text that fits a schema: its format first, then its pattern, then its length. */
export function generateString(schema: SchemaObject, random: Random): string {
  const minimum = typeof schema.minLength === 'number' ? schema.minLength : 0;
  const maximum = typeof schema.maxLength === 'number' ? schema.maxLength : Infinity;
  if (typeof schema.format === 'string') {
    const text = generateFormat(schema.format, random);
    if (text !== undefined) return text;
  }
  if (typeof schema.pattern === 'string') {
    const text = generateFromPattern(schema.pattern, { minimum, maximum }, random);
    if (text !== undefined) return text;
  }
  let text = words(random, random.integer(2, 4));
  while (text.length < minimum) text += ` ${word(random)}`;
  if (text.length <= maximum) return text;
  const cut = text.slice(0, maximum).trimEnd();
  return cut.padEnd(minimum, 'a');
}
