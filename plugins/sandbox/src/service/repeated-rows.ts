import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { SandboxProtocol } from '../options.js';
import { hashText } from '../random.js';
import { customIdsName, type CreatedBatch } from './ledger.js';

/** A row that is in several batches. */
export interface RepeatedRow {
  provider: SandboxProtocol;
  custom_id: string;
  batches: string[];
}

/** So many ids are held at once. More of them take more passes over the files, not more memory. */
const HELD = 200_000;

/** The rows that are in at least `least` of these batches, part by part. */
export async function* repeatedRows(
  created: readonly CreatedBatch[],
  least: number,
  path: (name: string) => string,
): AsyncGenerator<RepeatedRow> {
  for (const provider of ['openai', 'anthropic'] as const) {
    const batches = created.filter(
      (batch) => batch.protocol === provider && existsSync(path(customIdsName(batch.id))),
    );
    const rows = batches.reduce((sum, batch) => sum + (batch.requests ?? 0), 0);
    const parts = Math.max(1, Math.ceil(rows / HELD));
    for (let part = 0; part < parts; part++) {
      const found = new Map<string, string[]>();
      for (const { id } of batches) {
        const lines = createInterface({ input: createReadStream(path(customIdsName(id))) });
        for await (const line of lines) {
          if (parts > 1 && hashText(line) % parts !== part) continue;
          const seen = found.get(line);
          if (!seen) found.set(line, [id]);
          else if (seen.at(-1) !== id) seen.push(id);
        }
      }
      for (const [line, ids] of found) {
        if (ids.length >= least) yield { provider, custom_id: JSON.parse(line) as string, batches: ids };
      }
    }
  }
}
