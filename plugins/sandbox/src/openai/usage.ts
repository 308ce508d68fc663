import { isObject } from '../objects.js';
import type { BatchUsage } from './wire.js';

/** Adds what one answer reports to the sum of its batch; the endpoints name the same things differently. */
export function addUsage(sum: BatchUsage, body: unknown): void {
  const usage = isObject(body) && isObject(body.usage) ? body.usage : {};
  const details = usage.completion_tokens_details ?? usage.output_tokens_details;
  const input = Number(usage.prompt_tokens ?? usage.input_tokens ?? 0);
  const output = Number(usage.completion_tokens ?? usage.output_tokens ?? 0);
  sum.input_tokens += input;
  sum.output_tokens += output;
  sum.total_tokens += input + output;
  if (isObject(details)) sum.output_tokens_details.reasoning_tokens += Number(details.reasoning_tokens ?? 0);
}
