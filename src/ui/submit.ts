import type { Batch } from '@instructor-cli/provider-kit';
import type { SubmitBatchOptions } from '../core/batch-processor-options.js';
import type { BatchProcessor } from '../core/batch-processor.js';
import type { CheckedFile } from '../core/check-request-file.js';
import { warn } from './notes.js';
import { startProgress } from './progress.js';
import { visible } from '../text/visible.js';

export interface ShownSubmit extends SubmitBatchOptions {
  processor: BatchProcessor;
  file: CheckedFile;
  signal: AbortSignal;
  /** How to look for the batch if nobody knows whether it was created. */
  listCommand: string;
}

/** Sends a checked file with a progress bar. Whoever interrupts it late is told that the batch may exist. */
export async function showSubmit({ processor, file, listCommand, ...options }: ShownSubmit): Promise<Batch> {
  const progress = await startProgress('Sending');
  let allSent = false;
  let uploaded = '';
  try {
    return await processor.submitChecked(file, {
      ...options,
      onUploaded: (file) => {
        allSent = true;
        uploaded = ` (its input file is ${visible(file.id)})`;
      },
      onProgress: (sent, total) => {
        allSent ||= sent >= total;
        progress.update(sent, total);
      },
    });
  } catch (error) {
    progress.stop();
    if (options.signal.aborted && allSent) {
      warn(
        `The batch may have been created all the same${uploaded}. Before you submit again, look: ${listCommand}`,
      );
    }
    throw error;
  } finally {
    progress.stop();
  }
}
