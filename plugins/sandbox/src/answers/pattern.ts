import type { Random } from '../random.js';
import { parsePattern, type PatternNode } from './pattern-parser.js';

const TRIES = 40;
/** Requests of a batch share their schema: a pattern is read once, not once a row. */
const CACHE_SIZE = 200;
const parsed = new Map<string, PatternNode | undefined>();

/** A text that matches a pattern and has an allowed length; undefined if none was found. */
export function generateFromPattern(
  pattern: string,
  length: { minimum: number; maximum: number },
  random: Random,
): string | undefined {
  const node = read(pattern);
  const expression = compile(pattern);
  if (!node || !expression) return undefined;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    // Repetitions grow with each attempt, so that a long minimum is reached in the end.
    const text = write(node, random, 3 + attempt * 2);
    if (text.length >= length.minimum && text.length <= length.maximum && expression.test(text)) return text;
  }
  return undefined;
}

function read(pattern: string): PatternNode | undefined {
  if (parsed.has(pattern)) return parsed.get(pattern);
  let node: PatternNode | undefined;
  try {
    node = parsePattern(pattern);
  } catch {
    node = undefined;
  }
  if (parsed.size >= CACHE_SIZE) parsed.clear();
  parsed.set(pattern, node);
  return node;
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}

function write(node: PatternNode, random: Random, stretch: number): string {
  if (node.kind === 'set') return random.pick([...node.characters]) ?? '';
  if (node.kind === 'group') {
    const option = random.pick(node.options) ?? [];
    return option.map((part) => write(part, random, stretch)).join('');
  }
  const maximum = Math.min(node.maximum, node.minimum + stretch);
  const count = random.integer(node.minimum, Math.max(node.minimum, maximum));
  return Array.from({ length: count }, () => write(node.node, random, stretch)).join('');
}
