import type { Batch } from '../../contract/batch.js';
import type { ProviderDeclaration } from '../../contract/declaration.js';
import type { ConformanceCheck } from '../conformance-checks.js';
import { ensure, show } from '../ensure.js';
import { ensureBatch } from './batch-shape.js';
import type { Service } from './service.js';

/** A list is looked through this far; a test account has no more. */
const LOOKED_THROUGH = 2000;

/** A batch from its creation to its end. */
export function lifeChecks(declaration: ProviderDeclaration, service: Service): ConformanceCheck[] {
  return [
    {
      name: 'submitting gives a batch and reports what was sent',
      run: async () => {
        const { batch, text, progress } = await service.send();
        ensureBatch('submit', batch, declaration);
        const bytes = Buffer.byteLength(text);
        const rising = progress.every((sent, index) => sent >= (progress[index - 1] ?? 0));
        ensure(rising && progress.at(-1) === bytes, `onProgress reports ${show(progress)} of ${bytes} bytes`);
      },
    },
    {
      name: 'a batch is followed to its end',
      run: async () => {
        const { batch, ids } = await service.ended();
        ensureBatch('retrieve', batch, declaration);
        const reasons = batch.problems.map(({ message }) => message).join('; ');
        ensure(
          batch.status === 'completed',
          `the batch ended as ${batch.status} (${batch.rawStatus}): ${reasons}`,
        );
        ensure(!batch.unknownStatus, `${batch.rawStatus} is not known, though the service uses it`);
        ensure(batch.times.created, 'the batch does not tell when it was created');
        const { total } = batch.requests;
        ensure(
          total === undefined || total === ids.length,
          `${ids.length} requests were sent, it counts ${total}`,
        );
        for (const name of declaration.counts) {
          ensure(
            batch.counts[name] !== undefined,
            `the declared count "${name}" is missing in a batch that ended`,
          );
        }
      },
    },
    {
      name: 'the list has it, newest first',
      run: async () => {
        if (!declaration.capabilities.list.supported) return;
        const { batch: older } = await service.ended();
        const { batch: newer } = await service.send();
        const wanted = new Set([older.id, newer.id]);
        const seen: Batch[] = [];
        for await (const batch of (await service.connect()).list()) {
          ensureBatch('list', batch, declaration);
          ensure(!seen.some(({ id }) => id === batch.id), `the list has ${batch.id} twice`);
          seen.push(batch);
          wanted.delete(batch.id);
          if (wanted.size === 0 || seen.length === LOOKED_THROUGH) break;
        }
        ensure(wanted.size === 0, `the list lacks ${[...wanted].join(', ')}`);
        const times = seen.map(({ times: { created } }) => created?.getTime() ?? 0);
        const falling = times.every((time, index) => time <= (times[index - 1] ?? Number.POSITIVE_INFINITY));
        ensure(falling, 'the list is not in the order newest first');
      },
    },
    {
      name: 'the list ends where it is asked to',
      run: async () => {
        if (!declaration.capabilities.list.supported) return;
        await service.ended();
        await service.send();
        const ids: string[] = [];
        for await (const { id } of (await service.connect()).list({ limit: 1 })) {
          ids.push(id);
          if (ids.length > 1) break;
        }
        ensure(ids.length === 1, `list({ limit: 1 }) gives ${ids.length} batches or more`);
      },
    },
  ];
}
