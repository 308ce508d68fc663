/** The bytes in pieces of a given size, as a connection might cut them. */
export async function* inPieces(bytes: Uint8Array | string, size: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(bytes as string);
  for (let at = 0; at < all.byteLength; at += size) yield all.subarray(at, at + size);
}

/** Values that come one after the other. */
export async function* arriving<T>(...values: T[]): AsyncGenerator<T> {
  for (const value of values) yield value;
}

export async function allOf<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

export async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await allOf(bytes)).toString('utf8');
}
