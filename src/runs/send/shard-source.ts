import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RequestSource } from '@instructor-cli/provider-kit';
import { InstructorError } from '../../failure/instructor-error.js';
import { readFileBlocks, readFileBytes } from '../../rows/input-file.js';
import type { RunContext } from '../run-context.js';
import type { Shard } from '../store/events.js';
import type { RunSettings } from '../store/run-settings.js';

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

/** Answers must not stand beside other rows than those that were asked about. */
export async function requireSameInput({ input }: RunSettings, signal: AbortSignal): Promise<void> {
  const { bytes, sha256 } = await hashFile(input.path, signal);
  if (bytes === input.bytes && sha256 === input.sha256) return;
  throw new InstructorError('state', `The input ${input.path} has changed since the run began`, {
    hint: 'Bring it back as it was, and go on; other rows are a new run',
  });
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
