import type { Message } from '@instructor-cli/provider-kit';
import { LISTED, prepareBuilder, toRequestInput, type CreateRequestsOptions } from './create-requests.js';
import { RequestChecker } from './request-checker.js';
import type { LineProblem } from './request-problems.js';

/** A finished request, and the conversation that it was made of. */
export interface RequestPreview {
  line: number;
  customId: string;
  messages: Message[];
  request: Record<string, unknown>;
}

export interface RequestPreviews {
  previews: RequestPreview[];
  /** What is wrong with the rows up to there. */
  problems: readonly LineProblem[];
  notes: string[];
}

/** Makes the first requests and stops reading. */
export async function previewRequests(
  options: Omit<CreateRequestsOptions, 'output' | 'idList' | 'badRows'>,
  count: number,
): Promise<RequestPreviews> {
  const { builder, notes } = prepareBuilder(options);
  const checker = new RequestChecker({ ...options, ...LISTED });
  const previews: RequestPreview[] = [];
  const { problems } = checker;
  let index = 0;
  for await (const block of options.rows) {
    options.signal?.throwIfAborted();
    for (const row of block) {
      if (previews.length === count) break;
      const { line } = row;
      if ('problem' in row) problems.add({ line, ...row.problem });
      else if ('unreadable' in row) checker.unreadable(line, row.unreadable);
      else {
        const input = toRequestInput(row.value, index, options.idKey);
        index += 1;
        if (typeof input === 'string') {
          problems.add({ line, code: 'invalid_row', message: input });
          continue;
        }
        const request = builder.build(input);
        checker.check(line, request);
        previews.push({
          line,
          customId: row.originalId ?? input.customId,
          messages: input.messages ?? [],
          request,
        });
      }
    }
    if (previews.length === count) break;
  }
  return { previews, problems: problems.shown, notes };
}
