// The library: the same work as on the command line, with types that follow from the schema.
// Run it against the sandbox: npx instructor sandbox exec -- npx tsx examples/library/classify.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchProcessor, hasEnded, type Message } from 'instructor-cli';
import { z } from 'zod';

const Label = z.object({
  label: z.enum(['SPAM', 'NOT_SPAM']).describe('Whether the email is spam'),
  reason: z.string().optional(),
});

const emails = ['You have won a cruise!', 'The meeting is moved to Friday.'];
const messagesList: Message[][] = emails.map((email) => [
  { role: 'system', content: 'Classify the email.' },
  { role: 'user', content: email },
]);

const folder = await mkdtemp(join(tmpdir(), 'classify-'));
const processor = new BatchProcessor(process.argv[2] ?? 'openai/gpt-4o-mini', Label);
const filePath = await processor.createBatchFromMessages({
  messagesList,
  filePath: join(folder, 'requests.jsonl'),
  customIds: emails.map((_, index) => `email-${index}`),
});

let batch = await processor.submitBatch(filePath, { description: 'Emails' });
while (!hasEnded(batch.status)) {
  await sleep(500);
  batch = await processor.getBatch(batch.id);
}

for await (const row of processor.results(batch, { requestsFile: filePath })) {
  // `row.result.label` is 'SPAM' | 'NOT_SPAM' here.
  if (row.success) console.log(row.customId, row.result.label);
  else console.log(row.customId, row.outcome, row.error.message);
}
await rm(folder, { recursive: true });
