import { Random } from '../random.js';

/** Rows in the order in which they are answered: neither service promises to keep the order of the input. */
export function shuffledRows(total: number, seed: string): Uint32Array {
  const random = new Random(`${seed}:order:${total}`);
  const order = Uint32Array.from({ length: total }, (_, row) => row);
  for (let last = total - 1; last > 0; last--) {
    const other = random.integer(0, last);
    const row = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = row;
  }
  return order;
}
