import * as Flags from '@oclif/core/flags';
import type { Batch } from '@instructor-cli/provider-kit';
import { InstructorCommand } from '../../cli/base-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { isExplicit } from '../../cli/explicit.js';
import { batchIdFlag, forceFlag, modelFlag, providerFlag, requireBatchIds } from '../../cli/flags.js';
import { joinFlags, toJoinInput } from '../../cli/join-flags.js';
import type { ResultsOptions } from '../../core/batch-processor-options.js';
import { BatchProcessor } from '../../core/batch-processor.js';
import { openJoinInput } from '../../core/join-input.js';
import { ResultSummary } from '../../core/result-summary.js';
import { formatOf, RESULT_FORMATS, writeResults, type ResultFormat } from '../../core/write-results.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { loadPrices } from '../../registry/load-prices.js';
import { rereadable } from '../../rows/standard-input-file.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { plural } from '../../ui/format.js';
import { summaryToJson } from '../../ui/json.js';
import { note, warn } from '../../ui/notes.js';
import { startProgress } from '../../ui/progress.js';
import { UnreadableLines, warnOfProblems } from '../../ui/result-warnings.js';
import { printSummary } from '../../ui/summary.js';
import { writeOut } from '../../ui/terminal.js';

export default class BatchResults extends InstructorCommand {
  static override summary = 'Retrieve results from a batch job';

  static override description =
    'One line per request, whatever became of it: answered, refused, truncated, errored, expired, cancelled or missing. Works in every ended state; of a batch that expired or was cancelled the answers that came are there. With --response-model each answer is parsed and checked. With --requests-file, or where the provider keeps the input file, rows come in the order of the requests and those without an answer appear as missing. With --join the answers stand beside the rows of the table that was asked. Of several batches (after a retry) each row has its latest good answer.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --output-file results.jsonl --response-model label.ts#Label',
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --join tickets.csv --id-column ticket --output-file tickets.out.csv',
    '<%= config.bin %> <%= command.id %> --batch-id msgbatch_abc123 --output-file results.csv --requests-file batch_requests.jsonl',
    '<%= config.bin %> <%= command.id %> batch_abc123 batch_def456 --output-file merged.jsonl',
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --summary',
  ];

  static override usage = '<%= command.id %> [ID...] [FLAGS]';

  static override strict = false;

  static override flags = {
    'batch-id': batchIdFlag({
      summary: 'Batch job ID to get results from (required); several are attempts at the same requests',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'output-file': Flags.string({
      summary: 'File to save the results to; - is standard output',
      helpValue: 'FILE',
    }),
    model: modelFlag,
    provider: providerFlag,
    'response-model': Flags.string({
      summary:
        'The shape of the answers: file.ts#Export (zod or any Standard Schema), or a .json JSON Schema',
      helpValue: 'FILE#EXPORT',
    }),
    'requests-file': Flags.string({
      summary: 'The file that was submitted: gives the order and shows missing rows; one for each batch',
      helpValue: 'FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...joinFlags,
    format: Flags.string({
      summary: 'Form of the output; else its ending tells, else jsonl',
      options: [...RESULT_FORMATS],
    }),
    'escape-formulas': Flags.boolean({
      summary: 'In CSV, put an apostrophe before cells that a spreadsheet would run as formulas',
      default: true,
      allowNo: true,
    }),
    summary: Flags.boolean({ summary: 'Only count: outcomes, reasons, tokens and cost' }),
    strict: Flags.boolean({ summary: 'End with exit code 6 if any row has no good answer' }),
    force: forceFlag,
  };

  async run(): Promise<unknown> {
    const { argv, flags, metadata } = await this.parse(BatchResults);
    const batchIds = requireBatchIds(flags['batch-id'], argv as string[]);
    const explicitModel = isExplicit(metadata, 'model') ? flags.model : undefined;
    const { session, model } = this.chooseForAll(batchIds, {
      provider: flags.provider,
      model: explicitModel,
    });
    const path = flags['output-file'];
    this.requirePlace(path, flags.summary);
    const responseModel =
      flags['response-model'] === undefined ? undefined : await loadResponseModel(flags['response-model']);
    const processor = new BatchProcessor(model ?? '', responseModel, { session, registry: this.registry });
    const summary = new ResultSummary(await loadPrices(session.entry, this.env));
    const progress = await startProgress('Reading results', { quiet: path === '-' && process.stdout.isTTY });
    const unreadable = new UnreadableLines();
    const results: ResultsOptions = {
      summary,
      requestsFile: flags['requests-file'],
      signal: this.signal,
      onNote: note,
      onProgress: (received, total) => progress.update(received, total),
      onResume: ({ at }) => note(`The connection was cut; going on at byte ${at}`),
      onUnreadable: unreadable.add,
    };
    const joined = flags.join === undefined ? undefined : await rereadable(flags.join, this.signal);
    let batches: Batch[];
    try {
      results.join =
        joined && (await openJoinInput({ ...toJoinInput(flags, joined.path), signal: this.signal }));
      if (path === undefined) {
        batches = await processor.getBatches(batchIds, this.signal);
        await countRows(processor.resultBlocks(batches, results));
      } else {
        batches = await writeResults({
          processor,
          batchIds,
          path,
          format: (flags.format as ResultFormat | undefined) ?? formatOf(path),
          force: flags.force,
          responseModel,
          escapeFormulas: flags['escape-formulas'],
          results,
        });
      }
    } finally {
      progress.stop();
      await joined?.remove();
    }
    warnOfProblems(session.declaration.name, batches);
    unreadable.report();
    this.report(summary, { join: flags.join, toStandardOutput: path === undefined && !this.jsonEnabled() });
    if (path !== undefined && path !== '-' && !this.jsonEnabled()) writeOut(path);
    if (flags.strict && !summary.flawless) process.exitCode = EXIT.someRowsFailed;
    const [batch] = batches;
    return {
      id: batchIds[0],
      ids: batchIds,
      provider: session.declaration.id,
      status: batch?.status,
      file: path ?? null,
      summary: summaryToJson(summary),
    };
  }

  private requirePlace(path: string | undefined, summaryAlone: boolean): void {
    if (path === undefined && !summaryAlone) {
      throw new InstructorError('usage', 'Missing required flag output-file', {
        hint: 'Name a file for the results (--output-file FILE, - is standard output), or only count them: --summary',
      });
    }
    if (path !== undefined && summaryAlone)
      throw new InstructorError('usage', '--summary writes no results: leave --output-file out');
    if (path === '-' && this.jsonEnabled())
      throw new InstructorError('usage', '--json and results on standard output exclude each other');
  }

  private report(
    summary: ResultSummary,
    { toStandardOutput, join }: { toStandardOutput: boolean; join: string | undefined },
  ): void {
    const { notAsked, unaccounted, duplicates, unexpected, repeatedRequests } = summary;
    if (duplicates > 0)
      note(`${plural(duplicates, 'answer')} came a second time for the same request; the first one counts`);
    if (unexpected > 0) {
      const belong = unexpected === 1 ? 'belongs' : 'belong';
      const place = join === undefined ? 'request of the request file' : `row of ${nameOf(join)}`;
      warn(`${plural(unexpected, 'answer')} ${belong} to no ${place}; at the end of the output`);
    }
    if (repeatedRequests > 0) {
      warn(
        `${plural(repeatedRequests, 'line')} of the request file repeat a custom id; each request counts once`,
      );
    }
    if (unaccounted > 0) {
      const have = unaccounted === 1 ? 'has' : 'have';
      warn(
        `${plural(unaccounted, 'request')} of the batch ${have} no result; --requests-file FILE shows which`,
      );
    }
    if (notAsked > 0)
      note(`${plural(notAsked, 'row')} of the input had no request in the batch, and are not in the output`);
    printSummary(summary, { toStandardOutput });
  }
}

function nameOf(join: string): string {
  return join === '-' ? 'standard input' : join;
}

async function countRows(blocks: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of blocks);
}
