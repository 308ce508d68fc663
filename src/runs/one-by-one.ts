/** Items of blocks, one by one. */
export interface OneByOne<T> {
  /** Undefined after the last; a promise only where the next block has to be read. */
  next(): T | undefined | Promise<T | undefined>;
  /** Closes what the blocks are read from, if they were not read to their end. */
  close(): Promise<void>;
}

export function oneByOne<T>(blocks: AsyncGenerator<T[]>): OneByOne<T> {
  let block: T[] = [];
  let at = 0;
  const next = (): T | undefined | Promise<T | undefined> => {
    if (at < block.length) return block[at++];
    return blocks.next().then((step) => {
      if (step.done) return undefined;
      block = step.value;
      at = 0;
      return next();
    });
  };
  return {
    next,
    async close() {
      await blocks.return(undefined);
    },
  };
}
