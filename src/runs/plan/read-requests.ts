import { join } from 'node:path';
import { InstructorError } from '../../failure/instructor-error.js';
import { readFileBlocks } from '../../rows/input-file.js';
import { readLines } from '../../rows/read-lines.js';
import type { RunContext } from '../run-context.js';
import type { Shard } from '../store/events.js';
import type { ShardState } from '../store/run-state.js';

/** A line of a request file of ours, without its line feed, and its custom id. */
export interface RequestText {
  text: string;
  customId: string;
}

/** The requests of shards, one after the other, many at a time. */
export async function* readRequests(
  run: Pick<RunContext, 'paths' | 'session' | 'signal'>,
  shards: readonly Shard[],
): AsyncGenerator<RequestText[]> {
  const provider = await run.session.local();
  for (const { file } of shards) {
    const path = join(run.paths.folder, file);
    for await (const { first, lines } of readLines(readFileBlocks(path, run), path)) {
      const block: RequestText[] = [];
      for (const [offset, text] of lines.entries()) {
        if (text === '') continue;
        const customId = provider.customIdAtStart?.(text) ?? idOf(provider, text);
        if (customId === undefined)
          throw new InstructorError('failed', `${path}:${first + offset}: the request file is damaged`, {
            hint: 'Restore it from a copy, or begin a new run',
          });
        block.push({ text, customId });
      }
      yield block;
    }
  }
}

function idOf(
  provider: Awaited<ReturnType<RunContext['session']['local']>>,
  text: string,
): string | undefined {
  try {
    return provider.checkRequest(JSON.parse(text)).customId;
  } catch {
    return undefined;
  }
}

/** The shards of the plan whose requests follow one another in a list, whatever became of them since. */
export function plannedShards(shards: Iterable<ShardState>, list?: number): ShardState[] {
  return [...shards].filter(
    (shard) => shard.round === 1 && shard.partOf === undefined && (list === undefined || shard.list === list),
  );
}
