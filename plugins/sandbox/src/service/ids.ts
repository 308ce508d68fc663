import { randomBytes, randomUUID } from 'node:crypto';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Random, not seeded: two sandboxes, or two runs of one, never hand out the same id. */
export function newHexId(prefix: string, length = 48): string {
  return prefix + randomBytes(length / 2).toString('hex');
}

export function newMixedId(prefix: string, length = 22): string {
  return prefix + Array.from(randomBytes(length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

export function newUuid(): string {
  return randomUUID();
}
