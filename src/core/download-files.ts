import { extname } from 'node:path';
import type { Batch, BatchFileKind } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { openOutput, requireFreeName, type OutputOptions } from '../rows/output-file.js';
import { readBatchFile, type ReadFileOptions } from './read-batch-file.js';
import type { ProviderSession } from './session.js';

export interface DownloadedFile {
  kind: BatchFileKind;
  path: string;
  bytes: number;
}

export interface DownloadOptions extends OutputOptions, Omit<ReadFileOptions, 'name'> {
  session: ProviderSession;
  batch: Batch;
  /** Where to; with several files each gets its kind before the extension. */
  path: string;
  which: readonly BatchFileKind[];
}

/** Downloads raw files of a batch, byte for byte. */
export async function downloadFiles(options: DownloadOptions): Promise<DownloadedFile[]> {
  const { session, batch, path, which, ...reading } = options;
  const provider = await session.remote();
  const files = which
    .map((kind) => batch.files.find((file) => file.kind === kind))
    .filter((file) => file !== undefined);
  const absent = which.filter((kind) => !files.some((file) => file.kind === kind));
  if (files.length === 0) {
    throw new InstructorError(
      'state',
      `Batch ${batch.id} (${batch.status}) has no ${absent.join(' and no ')} file`,
      {
        hint:
          batch.files.length > 0
            ? `It has: ${batch.files.map(({ kind }) => kind).join(', ')}`
            : 'Files appear when the batch has ended',
      },
    );
  }
  if (path === '-' && files.length > 1) {
    throw new InstructorError('usage', 'Several files cannot go to standard output together', {
      hint: 'Choose one with --which',
    });
  }
  const targets = files.map((file) => ({
    file,
    path: which.length === 1 ? path : withKind(path, file.kind),
  }));
  for (const target of targets) await requireFreeName(target.path, options);
  const done: DownloadedFile[] = [];
  for (const target of targets) {
    const output = await openOutput(target.path, options);
    let bytes = 0;
    try {
      for await (const chunk of readBatchFile(provider, target.file, {
        ...reading,
        name: session.declaration.name,
      })) {
        const full = output.writeBytes(chunk);
        if (full) await full;
        bytes += chunk.byteLength;
      }
      await output.commit();
    } finally {
      await output.discard();
    }
    done.push({ kind: target.file.kind, path: target.path, bytes });
  }
  return done;
}

function withKind(path: string, kind: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}.${kind}${extension}`;
}
