import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchFile, StoredFile } from '../../contract/batch.js';
import type { ConformanceCheck } from '../conformance-checks.js';
import { ensure, show } from '../ensure.js';
import type { Service } from './service.js';

/** A list is looked through this far; a test account has no more. */
const LOOKED_THROUGH = 2000;

/** Uploads, where a provider keeps them apart from the batch. The checks pass where it does not. */
export function uploadChecks(service: Service): ConformanceCheck[] {
  return [
    {
      name: 'an upload is told and waited for, and can be used again',
      run: async () => {
        const made = await service.connect();
        let uploaded: BatchFile | undefined;
        let written = false;
        const onUploaded = async (file: BatchFile): Promise<void> => {
          uploaded = file;
          await sleep(20);
          written = true;
        };
        await service.send(made, { onUploaded });
        if (!uploaded) return;
        ensure(written, 'submit does not wait for what onUploaded returns');
        const again = await service.send(made, { uploaded });
        ensure(again.progress.length === 0, 'submit sends the requests although they are uploaded already');
        const input = again.batch.files.find(({ kind }) => kind === 'input');
        const same = input === undefined || input.id === uploaded.id;
        ensure(same, `submit used the file ${show(input?.id)} instead of ${show(uploaded.id)}`);
      },
    },
    {
      name: 'the list of files has the one that was just uploaded, and ends where it is asked to',
      run: async () => {
        const made = await service.connect();
        if (!made.listFiles) return;
        let uploaded: BatchFile | undefined;
        await service.send(made, { onUploaded: (file) => void (uploaded = file) });
        const id = (uploaded as BatchFile | undefined)?.id;
        ensure(id, 'there is a listFiles(), but submit tells of no upload');
        let looked = 0;
        let found: StoredFile | undefined;
        for await (const file of made.listFiles()) {
          if (file.id === id) found = file;
          if (found || ++looked === LOOKED_THROUGH) break;
        }
        ensure(found, `listFiles lacks ${id}, which was just uploaded`);
        ensure(found.kind === 'input', `listFiles gives ${id} as a file of the kind ${show(found.kind)}`);
        const { created, expires } = found;
        const dates = [created, expires].every((date) => date === undefined || date instanceof Date);
        ensure(dates, `listFiles gives ${show(found)}; created and expires are Dates`);
        let listed = 0;
        for await (const _file of made.listFiles({ limit: 1 })) if (++listed > 1) break;
        ensure(listed === 1, `listFiles({ limit: 1 }) gives ${listed} files or more`);
      },
    },
  ];
}
