import { existsSync } from 'node:fs';
import { readFileBlocks } from '../rows/input-file.js';
import { readLines } from '../rows/read-lines.js';
import { isHashedId, type SafeIds } from './safe-ids.js';
import { sidePath } from './side-file.js';

interface ListedId {
  custom_id: string;
  id: string;
}

/**
 * Turns custom ids back into the ids that the user gave. Hashed ones are looked up in the list beside the request
 * file; it is in the order of the requests, as rows are, so that only the next one is kept in memory.
 */
export class OriginalIds {
  private readonly listed: AsyncGenerator<ListedId> | undefined;
  private next: ListedId | undefined;

  constructor(
    private readonly ids: SafeIds,
    requestFiles: readonly string[],
  ) {
    const lists = requestFiles.map((file) => sidePath(file, 'ids')).filter((path) => existsSync(path));
    if (lists.length > 0) this.listed = readLists(lists);
  }

  /** A promise only for what has to be looked up. */
  of(customId: string): string | Promise<string> {
    return this.listed && isHashedId(customId)
      ? this.find(this.listed, customId)
      : this.ids.toOriginal(customId);
  }

  private async find(listed: AsyncGenerator<ListedId>, customId: string): Promise<string> {
    while (this.next?.custom_id !== customId) {
      const step = await listed.next();
      if (step.done) return customId;
      this.next = step.value;
    }
    return this.next.id;
  }
}

async function* readLists(paths: readonly string[]): AsyncGenerator<ListedId> {
  for (const path of paths) {
    for await (const { lines } of readLines(readFileBlocks(path), path)) {
      for (const line of lines) if (line !== '') yield JSON.parse(line) as ListedId;
    }
  }
}
