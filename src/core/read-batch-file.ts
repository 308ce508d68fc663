import { setTimeout as sleep } from 'node:timers/promises';
import {
  isProviderError,
  ProviderError,
  type BatchFile,
  type BatchProvider,
  type OpenedFile,
} from '@instructor-cli/provider-kit';
import { describeNetworkFailure } from '@instructor-cli/provider-kit/wire';

export interface ReadFileOptions {
  signal?: AbortSignal;
  /** The provider's name, for messages. */
  name: string;
  /** How often a broken connection is taken up again without any byte having come in between. Defaults to 4. */
  maxRestarts?: number;
  /** Told when the connection broke and is taken up again. `at` is 0 if the server begins anew. */
  onResume?: (resume: { at: number; reason: string }) => void;
  onProgress?: (receivedBytes: number, totalBytes: number | undefined) => void;
}

/**
 * Reads a file of a batch to its very end. A connection that breaks is taken up again where it broke if the server
 * allows it; otherwise the file is read anew and the part that is known already is skipped. A stream that ends
 * before the announced length counts as broken.
 */
export async function* readBatchFile(
  provider: BatchProvider,
  file: BatchFile,
  options: ReadFileOptions,
): AsyncGenerator<Uint8Array> {
  const { signal, name, maxRestarts = 4, onResume, onProgress } = options;
  let received = 0;
  let validator: string | undefined;
  let fruitless = 0;
  for (;;) {
    const startedAt = received;
    const opened = await provider.openFile(file, { offset: received, ifRange: validator, signal });
    if (received > 0) {
      refuseOtherVersion(name, validator, opened);
      onResume?.({ at: opened.offset, reason: 'the connection was cut' });
    }
    validator = opened.validator;
    let skip = received - opened.offset;
    if (skip < 0) throw new ProviderError('unavailable', `${name} left out a part of the file`);
    let failure: unknown;
    try {
      for await (const chunk of opened.stream) {
        if (skip >= chunk.byteLength) {
          skip -= chunk.byteLength;
          continue;
        }
        const fresh = skip === 0 ? chunk : chunk.subarray(skip);
        skip = 0;
        received += fresh.byteLength;
        onProgress?.(received, opened.totalBytes);
        yield fresh;
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      failure = error;
    }
    const whole = skip === 0 && (opened.totalBytes === undefined || received >= opened.totalBytes);
    if (failure === undefined && whole) return;
    fruitless = received > startedAt ? 0 : fruitless + 1;
    if (fruitless >= maxRestarts) throw brokenFor(name, failure);
    await sleep(Math.min(8000, 250 * 2 ** fruitless), undefined, { signal });
  }
}

/** A file that changed between two connections must not be glued together. */
function refuseOtherVersion(name: string, validator: string | undefined, opened: OpenedFile): void {
  if (validator === opened.validator) return;
  throw new ProviderError(
    'unavailable',
    `${name} sent another version of the file after the connection broke`,
    {
      hint: 'Run the command again',
    },
  );
}

function brokenFor(name: string, failure: unknown): unknown {
  if (isProviderError(failure)) return failure;
  const message =
    failure === undefined
      ? `${name} keeps sending less of the file than it announced`
      : describeNetworkFailure(name, failure);
  return new ProviderError('network', message, {
    hint: 'Check the connection and run the command again; no incomplete file was left behind',
    cause: failure,
  });
}
