import { createHash } from 'node:crypto';

const ENCODED = '_x_';
const HASHED = '_h_';

/**
 * Turns ids that a provider would refuse into ones that it takes, and back. What needs no change stays as it is.
 * Characters that are not allowed are written as `_HH`, bytes of UTF-8, behind `_x_`; that can be undone without
 * knowing more. An id that is too long for it becomes a hash behind `_h_`, which only a list of ids can undo.
 */
export class SafeIds {
  private readonly pattern: RegExp | undefined;

  /** @param pattern what the provider takes, as its declaration says; without, it takes everything */
  constructor(pattern: string | undefined) {
    this.pattern = pattern === undefined ? undefined : new RegExp(pattern);
  }

  /** Undefined if nothing that stands for the id would be taken, or could be turned back. */
  toSafe(id: string): string | undefined {
    const { pattern } = this;
    // As bytes, all halves of characters are one and the same.
    if (isBroken(id)) return undefined;
    // What looks like one of ours would be turned back into something else.
    if (!pattern || (pattern.test(id) && this.toOriginal(id) === id && !isHashedId(id))) return id;
    return [ENCODED + encode(id), hash(id)].find((safe) => pattern.test(safe));
  }

  /** Hashes stay as they are. */
  toOriginal(customId: string): string {
    if (!this.pattern || !customId.startsWith(ENCODED)) return customId;
    const id = decode(customId.slice(ENCODED.length));
    if (id === undefined || ENCODED + encode(id) !== customId) return customId;
    const needed = !this.pattern.test(id) || id.startsWith(ENCODED) || isHashedId(id);
    return needed ? id : customId;
  }
}

export function isHashedId(customId: string): boolean {
  return /^_h_[\w-]{43}$/.test(customId);
}

/** Half of a character stands alone in it, as when a text was cut: no file can hold that. */
export function isBroken(id: string): boolean {
  return /\p{Surrogate}/u.test(id);
}

function encode(id: string): string {
  return id.replace(/[^a-zA-Z0-9-]+/gu, (run) =>
    Buffer.from(run).toString('hex').toUpperCase().replace(/../g, '_$&'),
  );
}

function decode(text: string): string | undefined {
  if (!/^(?:[a-zA-Z0-9-]|_[0-9A-F]{2})*$/.test(text)) return undefined;
  const bytes = text.replace(
    /_(..)|-|[a-zA-Z0-9]/g,
    (char, hex: string | undefined) => hex ?? char.charCodeAt(0).toString(16).padStart(2, '0'),
  );
  return Buffer.from(bytes, 'hex').toString('utf8');
}

function hash(id: string): string {
  return HASHED + createHash('sha256').update(id).digest('base64url');
}
