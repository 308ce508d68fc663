import type { BatchProvider, CompiledSchema, ProviderResult } from '@instructor-cli/provider-kit';
import type { ResponseModel } from '../schema/response-model.js';
import { parseAnswer } from '../schema/parse-answer.js';
import type { BatchResult } from './result-row.js';

/** Reads one line of a result file into a row, checked against the response model if there is one. */
export type RowReader = (line: string) => BatchResult | Promise<BatchResult>;

/** @param compiledFor the form in which a model, by its name, was given the response model, if it was given it */
export function createRowReader(
  provider: BatchProvider,
  responseModel: ResponseModel | undefined,
  compiledFor: (model: string | undefined) => CompiledSchema | undefined,
): RowReader {
  return (line) => {
    const read = provider.readResult(JSON.parse(line));
    if (read.outcome !== 'succeeded') return toFailure(read);
    const { customId, usage, model, finishReason } = read;
    const parsed = parseAnswer(read.answer ?? { kind: 'text', text: '' }, compiledFor(model), responseModel);
    const finish = (checked: Awaited<typeof parsed>): BatchResult =>
      checked.outcome === 'succeeded'
        ? {
            customId,
            outcome: 'succeeded',
            success: true,
            result: checked.result,
            usage,
            model,
            finishReason,
          }
        : {
            customId,
            outcome: 'invalid',
            success: false,
            error: checked.error,
            answer: checked.raw,
            complaint: checked.complaint,
            usage,
            model,
            finishReason,
          };
    return parsed instanceof Promise ? parsed.then(finish) : finish(parsed);
  };
}

function toFailure(read: ProviderResult): BatchResult {
  const { customId, answer, usage, model, finishReason } = read;
  const outcome = read.outcome as Exclude<ProviderResult['outcome'], 'succeeded'>;
  const error = read.error ?? { type: outcome, message: `The request was ${outcome}` };
  const said = answer?.kind === 'text' ? answer.text : answer?.value;
  return {
    customId,
    outcome,
    success: false,
    error,
    answer: said === '' ? undefined : said,
    usage,
    model,
    finishReason,
  };
}
