/** Hands the items of blocks out one by one; a promise only where the next block has to be read. */
export function oneByOne<T>(blocks: AsyncGenerator<T[]>): () => T | undefined | Promise<T | undefined> {
  let block: T[] = [];
  let at = 0;
  const take = (): T | undefined | Promise<T | undefined> => {
    if (at < block.length) return block[at++];
    return blocks.next().then((step) => {
      if (step.done) return undefined;
      block = step.value;
      at = 0;
      return take();
    });
  };
  return take;
}
