import { hash } from 'node:crypto';
import { InstructorError } from '../../failure/instructor-error.js';
import { IdTable } from '../../rows/id-table.js';
import { readFileBlocks } from '../../rows/input-file.js';
import { readLines } from '../../rows/read-lines.js';
import { oneByOne } from '../one-by-one.js';
import { sha256 } from '../sha256.js';
import { plannedShards, readRequests } from '../plan/read-requests.js';
import type { RunContext } from '../run-context.js';

type Source = Pick<RunContext, 'paths' | 'session' | 'state' | 'signal'>;

/** A request of the plan, in the order of the input. */
export interface AskedRequest {
  customId: string;
  inputSha256: string;
  requestSha256: string;
}

/** All requests of the plan in the order of the input, although each model has files of its own. */
export async function* askedRequests(run: Source): AsyncGenerator<AskedRequest[]> {
  const { paths, state } = run;
  const lists = Array.from({ length: state.lists }, (_, list) =>
    oneByOne(readRequests(run, plannedShards(state.shards.values(), list))),
  );
  try {
    for await (const { lines } of readLines(readFileBlocks(paths.order, run), paths.order)) {
      const block: AskedRequest[] = [];
      for (const line of lines) {
        if (line === '') continue;
        const at = line.indexOf(' ');
        const next = lists[Number(line.slice(0, at))]?.next();
        const request = next instanceof Promise ? await next : next;
        if (!request)
          throw new InstructorError(
            'failed',
            `${paths.requests} holds fewer requests than ${paths.order} names`,
          );
        block.push({
          customId: request.customId,
          inputSha256: line.slice(at + 1),
          requestSha256: sha256(request.text),
        });
      }
      yield block;
    }
  } finally {
    for (const list of lists) await list.close();
  }
}

/** The hashes of requests that asked rows again, by batch and custom id. */
export class LaterRequests {
  private readonly byBatch = new Map<string, { ids: IdTable; hashes: Buffer[] }>();

  static async read(run: Source): Promise<LaterRequests> {
    const later = new LaterRequests();
    for (const shard of run.state.in('collected')) {
      if (shard.round === 1 || shard.batch === undefined) continue;
      const ids = new IdTable(shard.requests);
      const hashes: Buffer[] = [];
      for await (const block of readRequests(run, [shard])) {
        for (const { text, customId } of block)
          if (ids.add(customId) >= 0) hashes.push(hash('sha256', text, 'buffer'));
      }
      later.byBatch.set(shard.batch, { ids, hashes });
    }
    return later;
  }

  of(batch: string, customId: string): string | undefined {
    const known = this.byBatch.get(batch);
    return known?.hashes[known.ids.find(customId)]?.toString('hex');
  }
}
