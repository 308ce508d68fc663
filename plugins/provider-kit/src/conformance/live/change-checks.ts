import { hasEnded } from '../../contract/batch.js';
import type { ProviderDeclaration } from '../../contract/declaration.js';
import { isProviderError } from '../../contract/errors.js';
import type { ConformanceCheck } from '../conformance-checks.js';
import { ensure } from '../ensure.js';
import { ensureBatch } from './batch-shape.js';
import { failsWith } from './failure.js';
import type { Service } from './service.js';

/** Cancelling and deleting: each on a batch of its own. */
export function changeChecks(declaration: ProviderDeclaration, service: Service): ConformanceCheck[] {
  const { cancel, delete: remove, deleteFiles } = declaration.capabilities;
  const checks: ConformanceCheck[] = [];
  if (cancel.supported) {
    checks.push({
      name: 'a batch can be cancelled',
      run: async () => {
        const made = await service.connect();
        const { batch } = await service.send();
        const cancelled: unknown = await made.cancel(batch.id).catch(async (error: unknown) => {
          // It may have ended before it could be cancelled; services refuse that with 409 or with 400.
          const refused =
            isProviderError(error) && (error.code === 'wrong_state' || error.code === 'invalid_request');
          const now = refused ? await made.retrieve(batch.id) : undefined;
          if (now && hasEnded(now.status)) return now;
          throw error;
        });
        ensureBatch('cancel', cancelled, declaration);
        ensure(cancelled.id === batch.id, `cancel gives the batch ${cancelled.id}, not ${batch.id}`);
        const { status } = await service.follow(batch.id);
        ensure(hasEnded(status) && status !== 'failed', `a cancelled batch ends as ${status}`);
      },
    });
  }
  if (remove.supported) {
    checks.push({
      name: 'a batch that has ended can be deleted',
      run: async () => {
        const made = await service.connect();
        const { batch } = await service.send();
        await service.follow(batch.id);
        await made.delete?.(batch.id);
        await failsWith('not_found', 'retrieve of a deleted batch', made.retrieve(batch.id), []);
      },
    });
  }
  if (deleteFiles?.supported) {
    checks.push({
      name: 'the files of a batch can be deleted',
      run: async () => {
        const made = await service.connect();
        const { batch } = await service.send();
        const { files } = await service.follow(batch.id);
        ensure(files.length > 0, 'deleteFiles is declared, but a completed batch names no files');
        for (const file of files) await made.deleteFile?.(file);
        for (const file of files) {
          await failsWith('not_found', `openFile of a deleted ${file.kind} file`, made.openFile(file), []);
        }
      },
    });
  }
  return checks;
}
