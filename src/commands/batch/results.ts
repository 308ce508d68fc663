import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { isExplicit } from '../../cli/explicit.js';
import {
  batchIdArg,
  batchIdFlag,
  forceFlag,
  modelFlag,
  providerFlag,
  requireBatchId,
} from '../../cli/flags.js';
import { BatchProcessor } from '../../core/batch-processor.js';
import { ResultSummary } from '../../core/result-summary.js';
import { writeResults, type ResultFormat } from '../../core/write-results.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { plural } from '../../ui/format.js';
import { summaryToJson } from '../../ui/json.js';
import { note, warn } from '../../ui/notes.js';
import { startProgress } from '../../ui/progress.js';
import { printSummary } from '../../ui/summary.js';
import { writeOut } from '../../ui/terminal.js';

const UNREADABLE_SHOWN = 5;

export default class BatchResults extends InstructorCommand {
  static override summary = 'Retrieve results from a batch job';

  static override description =
    'One line per request, whatever became of it: answered, refused, truncated, errored, expired, cancelled or missing. Works in every ended state; of a batch that expired or was cancelled the answers that came are there. With --response-model each answer is parsed and checked. With --requests-file, or where the provider keeps the input file, rows come in the order of the requests and those without an answer appear as missing.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --output-file results.jsonl --response-model label.ts#Label',
    '<%= config.bin %> <%= command.id %> --batch-id msgbatch_abc123 --output-file results.csv --requests-file batch_requests.jsonl',
  ];

  static override args = batchIdArg;

  static override flags = {
    'batch-id': batchIdFlag({ summary: 'Batch job ID to get results from (required)' }),
    'output-file': Flags.string({
      summary: 'File to save the results to; - is standard output',
      required: true,
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
      summary: 'The file that was submitted: gives the order and shows missing rows',
      helpValue: 'FILE',
    }),
    format: Flags.string({
      summary: 'Form of the output; else its ending tells, else jsonl',
      options: ['jsonl', 'json', 'csv'],
    }),
    strict: Flags.boolean({ summary: 'End with exit code 6 if any row has no good answer' }),
    force: forceFlag,
  };

  async run(): Promise<unknown> {
    const { args, flags, metadata } = await this.parse(BatchResults);
    const batchId = requireBatchId(flags['batch-id'], args.batchId);
    const explicitModel = isExplicit(metadata, 'model') ? flags.model : undefined;
    const { session, model } = this.chooseProvider({
      provider: flags.provider,
      model: explicitModel,
      batchId,
    });
    const path = flags['output-file'];
    if (path === '-' && this.jsonEnabled()) {
      throw new InstructorError('usage', '--json and results on standard output exclude each other');
    }
    const responseModel =
      flags['response-model'] === undefined ? undefined : await loadResponseModel(flags['response-model']);
    const processor = new BatchProcessor(model ?? '', responseModel, { session, registry: this.registry });
    const summary = new ResultSummary();
    const progress = await startProgress('Reading results', { quiet: path === '-' && process.stdout.isTTY });
    let unreadable = 0;
    const { batch } = await writeResults({
      processor,
      batchId,
      path,
      format: (flags.format as ResultFormat | undefined) ?? formatOf(path),
      force: flags.force,
      responseModel,
      results: {
        summary,
        requestsFile: flags['requests-file'],
        signal: this.signal,
        onNote: note,
        onProgress: (received, total) => progress.update(received, total),
        onResume: ({ at }) => note(`The connection was cut; going on at byte ${at}`),
        onUnreadable: ({ file, line, reason }) => {
          unreadable += 1;
          if (unreadable <= UNREADABLE_SHOWN) warn(`Line ${line} of ${file} cannot be read: ${reason}`);
        },
      },
    }).finally(() => progress.stop());
    for (const { message, line } of batch.problems)
      warn(`${session.declaration.name}: ${line === undefined ? '' : `line ${line}: `}${message}`);
    this.report(summary);
    if (path !== '-' && !this.jsonEnabled()) writeOut(path);
    if (flags.strict && !summary.flawless) process.exitCode = EXIT.someRowsFailed;
    return {
      id: batchId,
      provider: session.declaration.id,
      status: batch.status,
      file: path,
      summary: summaryToJson(summary),
    };
  }

  private report(summary: ResultSummary): void {
    const { unaccounted, duplicates, unexpected, repeatedRequests, unreadableLines } = summary;
    if (unreadableLines > 0) warn(`${plural(unreadableLines, 'line')} of the result files could not be read`);
    if (duplicates > 0)
      note(`${plural(duplicates, 'answer')} came a second time for the same request; the first one counts`);
    if (unexpected > 0) {
      const belong = unexpected === 1 ? 'belongs' : 'belong';
      warn(
        `${plural(unexpected, 'answer')} ${belong} to no request of the request file; at the end of the output`,
      );
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
    printSummary(summary);
  }
}

function formatOf(file: string): ResultFormat {
  const path = file.toLowerCase();
  if (path.endsWith('.csv')) return 'csv';
  return path.endsWith('.json') ? 'json' : 'jsonl';
}
