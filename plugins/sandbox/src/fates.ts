import type { RowFate, SandboxRow } from './options.js';
import { hashText } from './random.js';

/** Makes a share of the rows, from 0 to 1, come back errored: always the same ones for the same seed. */
export function failShare(share: number, seed: number | string): (row: SandboxRow) => RowFate | undefined {
  return (row) => (hashText(`${seed}:fate:${row.customId}`) / 2 ** 32 < share ? 'errored' : undefined);
}
