import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RequestSource } from '@instructor-cli/provider-kit';
import { InstructorError } from '../../failure/instructor-error.js';
import { readFileBlocks, readFileBytes } from '../../rows/input-file.js';
import type { RunContext } from '../run-context.js';
import type { Shard } from '../store/events.js';

const SENT_BYTES = 512 * 1024;

/** The request file of a shard, as it is sent: exactly what was planned, or nothing. */
export async function shardSource(run: RunContext, shard: Shard): Promise<RequestSource> {
  const path = join(run.paths.folder, shard.file);
  const { bytes, sha256 } = await hashFile(path, run.signal);
  if (bytes !== shard.bytes || sha256 !== shard.sha256) {
    throw new InstructorError('failed', `${path} has changed since it was planned`, {
      hint: 'Nothing of it was sent. Restore the file from a copy, or begin a new run',
    });
  }
  return {
    name: uploadName(run.settings.id, shard.id),
    bytes,
    requests: shard.requests,
    open: ({ reuse = false } = {}) =>
      reuse ? readFileBlocks(path, { pieceBytes: SENT_BYTES }) : readFileBytes(path),
  };
}

/** What the request file is called at the provider: whose it is can be told when nothing else is known. */
export function uploadName(runId: string, shard: string): string {
  return `instructor-${runId}-${shard}.jsonl`;
}

/** The reverse: whose request file it is; nothing for files that no run has sent. */
export function readUploadName(name = ''): { run: string; shard: string } | undefined {
  const [, run, shard] = /^instructor-([0-9a-f]{8})-(s\d{4,})\.jsonl$/.exec(name) ?? [];
  return run === undefined || shard === undefined ? undefined : { run, shard };
}

export async function hashFile(
  path: string,
  signal?: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of readFileBlocks(path, { signal, pieceBytes: SENT_BYTES })) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
}
