import { pointerSegments } from './pointer.js';
import type { JsonSchema } from './types.js';

const PREFIX = '#/$defs/';

/** The definitions of a schema that is being written: which there are, and what they are called. */
export class Definitions {
  private readonly references = new Map<string, string>();
  private readonly schemas = new Map<string, JsonSchema>();

  /** What is inside the root refers to it like this. */
  nameRoot(identity: string): void {
    this.references.set(identity, '#');
  }

  referenceTo(identity: string): string | undefined {
    return this.references.get(identity);
  }

  /** Whether the definition is written already, and not only spoken of. */
  isWritten(identity: string): boolean {
    return this.schemas.has(this.references.get(identity) ?? '');
  }

  /** A reference to a definition that may still be to come, named after its place in the user's document. */
  reserve(identity: string, path: string): string {
    const known = this.references.get(identity);
    if (known) return known;
    const segment = pointerSegments(path).at(-1) ?? 'root';
    const plain = segment.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 60) || 'schema';
    const used = new Set(this.references.values());
    let reference = PREFIX + plain;
    for (let number = 2; used.has(reference); number += 1) reference = `${PREFIX}${plain}_${number}`;
    this.references.set(identity, reference);
    return reference;
  }

  write(reference: string, schema: JsonSchema): void {
    this.schemas.set(reference, schema);
  }

  /** The value of `$defs`, or undefined if there is no definition. */
  toSchema(): JsonSchema | undefined {
    if (this.schemas.size === 0) return undefined;
    return Object.fromEntries(
      [...this.schemas].map(([reference, schema]) => [reference.slice(PREFIX.length), schema]),
    );
  }
}
