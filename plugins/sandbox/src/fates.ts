import type { RowFate, SandboxRow } from './options.js';
import { hashText } from './random.js';

/** Of the answers that did not fit, so many still do not after one complaint. After two, all do. */
const STILL_INVALID = 0.3;

export interface FateShares {
  /** The share of rows that come back errored, from 0 to 1. */
  errored?: number;
  /** The share of rows whose answer does not fit. With the other one it makes at most 1. */
  invalid?: number;
}

/** Makes a share of the rows, from 0 to 1, come back errored: always the same ones for the same seed. */
export function failShare(
  share: number,
  seed: number | string,
): (row: Pick<SandboxRow, 'customId'>) => RowFate | undefined {
  return ({ customId }) => (placeOf(customId, seed) < share ? 'errored' : undefined);
}

/** Makes shares of the rows go wrong, always the same ones for the same seed; models learn from complaints. */
export function rowFates(
  { errored = 0, invalid = 0 }: FateShares,
  seed: number | string,
): (row: Pick<SandboxRow, 'customId' | 'turns'>) => RowFate | undefined {
  return ({ customId, turns }) => {
    const place = placeOf(customId, seed);
    if (place < errored) return 'errored';
    const left = turns === 0 ? invalid : turns === 1 ? invalid * STILL_INVALID : 0;
    return place < errored + left ? 'invalid' : undefined;
  };
}

/** A number in [0, 1) that belongs to a row. */
function placeOf(customId: string, seed: number | string): number {
  return hashText(`${seed}:fate:${customId}`) / 2 ** 32;
}
