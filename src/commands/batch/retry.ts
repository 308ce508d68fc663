import { OUTCOMES, type Outcome } from '@instructor-cli/provider-kit';
import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { isExplicit } from '../../cli/explicit.js';
import { batchIdFlag, forceFlag, modelFlag, providerFlag, requireBatchIds } from '../../cli/flags.js';
import { BatchProcessor } from '../../core/batch-processor.js';
import type { RetryFile } from '../../core/create-retry-file.js';
import type { ProviderSession } from '../../core/session.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { batchToJson, summaryToJson } from '../../ui/json.js';
import { plural } from '../../ui/format.js';
import { startProgress } from '../../ui/progress.js';
import { UnreadableLines, warnOfProblems } from '../../ui/result-warnings.js';
import { printRetried } from '../../ui/retried.js';
import { showSubmit } from '../../ui/submit.js';
import { note, say, warn } from '../../ui/notes.js';
import { writeOut } from '../../ui/terminal.js';
import { shellQuoted } from '../../text/shell-quoted.js';
import { visible } from '../../text/visible.js';

const DEFAULT_OUTCOMES = 'errored,expired,cancelled,missing';

export default class BatchRetry extends InstructorCommand {
  static override summary = 'Ask failed rows of a batch job again';

  static override description =
    'Writes a request file of those rows that are worth another try: errored for a reason that passes, expired, cancelled or missing. Rows that failed for a reason that lasts are listed in a file beside it. With --reask, rows whose answer does not fit the response model, or was cut off, are asked again with their own answer and what is wrong with it. After a retry give the ids of all batches, here and at `batch results`, and always the first request file.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> batch_abc123 --requests-file batch_requests.jsonl --submit',
    '<%= config.bin %> <%= command.id %> batch_abc123 --requests-file batch_requests.jsonl --reask --response-model label.ts#Label --submit',
    '<%= config.bin %> batch results batch_abc123 batch_def456 --requests-file batch_requests.jsonl --output-file merged.jsonl',
  ];

  static override usage = '<%= command.id %> ID... --requests-file FILE [FLAGS]';

  static override strict = false;

  static override flags = {
    'batch-id': batchIdFlag({
      summary: 'Batch job ID; several are attempts at the same requests',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'requests-file': Flags.string({
      summary: 'The file that was submitted first',
      required: true,
      helpValue: 'FILE',
    }),
    'output-file': Flags.string({
      summary: 'Where the new requests go; by default FILE.retry-1.jsonl beside it, and so on',
      helpValue: 'FILE',
    }),
    outcomes: Flags.string({
      summary: `Which rows are asked again, of: ${OUTCOMES.filter((outcome) => outcome !== 'succeeded').join(', ')}`,
      default: DEFAULT_OUTCOMES,
      helpValue: 'LIST',
    }),
    'include-lasting': Flags.boolean({
      summary: 'Also rows that failed for a reason that lasts, such as a request that was refused as invalid',
    }),
    reask: Flags.boolean({
      summary: 'Also rows that came back but do not fit, with the complaint of the response model',
      dependsOn: ['response-model'],
    }),
    'response-model': Flags.string({
      summary:
        'The shape of the answers: file.ts#Export (zod or any Standard Schema), or a .json JSON Schema',
      helpValue: 'FILE#EXPORT',
    }),
    'max-attempts': Flags.integer({
      summary: 'Leave alone rows that were asked so often',
      default: 3,
      min: 1,
    }),
    'max-tokens': Flags.integer({
      summary:
        'New limit of answers that are asked for with a complaint; else a truncated one gets twice the room',
      dependsOn: ['reask'],
      min: 1,
    }),
    model: modelFlag,
    provider: providerFlag,
    submit: Flags.boolean({ summary: 'Submit the new requests at once and print the id of the batch' }),
    force: forceFlag,
  };

  async run(): Promise<unknown> {
    const { argv, flags, metadata } = await this.parse(BatchRetry);
    const batchIds = requireBatchIds(flags['batch-id'], argv as string[]);
    const explicitModel = isExplicit(metadata, 'model') ? flags.model : undefined;
    const { session, model } = this.chooseForAll(batchIds, {
      provider: flags.provider,
      model: explicitModel,
    });
    const requestsFile = flags['requests-file'];
    const path = flags['output-file'] ?? nextFile(requestsFile, batchIds.length);
    if (path === '-' && (flags.submit || this.jsonEnabled()))
      throw new InstructorError('usage', 'Requests on standard output cannot go with --submit or --json');
    const outcomes = toOutcomes(flags.outcomes, flags['response-model'] !== undefined);
    const responseModel =
      flags['response-model'] === undefined ? undefined : await loadResponseModel(flags['response-model']);
    const processor = new BatchProcessor(model ?? '', responseModel, { session, registry: this.registry });
    const progress = await startProgress('Reading results');
    const unreadable = new UnreadableLines();
    const retried = await processor
      .retryRequests(batchIds, {
        requestsFile,
        path,
        force: flags.force,
        maxTokens: flags['max-tokens'],
        rules: {
          outcomes,
          includeLasting: flags['include-lasting'],
          reask: flags.reask,
          maxAttempts: flags['max-attempts'],
        },
        signal: this.signal,
        onProgress: (received, total) => progress.update(received, total),
        onResume: ({ at }) => note(`The connection was cut; going on at byte ${at}`),
        onUnreadable: unreadable.add,
      })
      .finally(() => progress.stop());
    warnOfProblems(session.declaration.name, retried.batches);
    unreadable.report();
    if (retried.unexpected > 0)
      warn(
        `${plural(retried.unexpected, 'answer')} of no request in ${requestsFile}: is it the one that was submitted first?`,
      );
    printRetried(retried, {
      leftOutPath: path === '-' ? undefined : retried.leftOutPath,
      checked: responseModel !== undefined,
    });
    const batch =
      flags.submit && retried.requests > 0
        ? await this.submit(processor, session, path).catch((error: unknown) => {
            // What was written stays; to run the command again would be to ask for its place.
            say(`The new requests are in ${path}`);
            this.sayHowToSubmit(path, session);
            throw error;
          })
        : undefined;
    if (!batch && retried.requests > 0 && path !== '-') {
      if (!this.jsonEnabled()) writeOut(path);
      this.sayHowToSubmit(path, session);
    }
    if (batch) {
      if (!this.jsonEnabled()) writeOut(visible(batch.id));
      const ids = [...batchIds, batch.id].join(' ');
      const schema = flags['response-model'];
      const shape = schema === undefined ? '' : ` --response-model ${shellQuoted(schema)}`;
      say(
        `When it has ended: ${this.config.bin} batch results ${ids} --requests-file ${shellQuoted(requestsFile)}${shape} --output-file FILE`,
      );
    }
    return toJson(retried, { path, session, batch: batch && batchToJson(session.declaration.id, batch) });
  }

  private sayHowToSubmit(path: string, session: ProviderSession): void {
    say(
      `To submit it: ${this.config.bin} batch create-from-file --file-path ${shellQuoted(path)} --provider ${session.declaration.id}`,
    );
  }

  private async submit(
    processor: BatchProcessor,
    session: ProviderSession,
    path: string,
  ): ReturnType<typeof showSubmit> {
    const file = await processor.checkRequestFile(path, { signal: this.signal });
    const problem = file.checker.problems.toError(path, 'nothing was sent');
    if (problem) throw problem;
    const listCommand = `${this.config.bin} batch list --provider ${session.declaration.id}`;
    return await showSubmit({ processor, file, signal: this.signal, listCommand });
  }
}

function toJson(
  retried: RetryFile,
  { path, session, batch }: { path: string; session: ProviderSession; batch: unknown },
): unknown {
  const { requests, again, reasked, done, leftOut, leftOutPath, unexpected } = retried;
  const { rows, outcomes, reasons } = summaryToJson(leftOut);
  return {
    provider: session.declaration.id,
    file: requests > 0 ? path : null,
    requests,
    again: Object.fromEntries(again),
    reasked,
    done,
    unexpected,
    left_out: { rows, outcomes, reasons, file: leftOut.total > 0 ? leftOutPath : null },
    batch: batch ?? null,
  };
}

/** Beside the first request file, named after the number of attempts so far. */
function nextFile(requestsFile: string, attempts: number): string {
  if (requestsFile !== '-') return `${requestsFile.replace(/\.jsonl$/i, '')}.retry-${attempts}.jsonl`;
  throw new InstructorError(
    'usage',
    'Requests from standard input give no name to those that are asked again',
    {
      hint: 'Name a file for them: --output-file FILE',
    },
  );
}

function toOutcomes(list: string, checked: boolean): Set<Outcome> {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !OUTCOMES.includes(name as Outcome) || name === 'succeeded');
  if (unknown !== undefined) {
    throw new InstructorError('usage', `--outcomes "${unknown}" is no outcome that can be asked again`, {
      hint: `Choose of: ${OUTCOMES.filter((outcome) => outcome !== 'succeeded').join(', ')}`,
    });
  }
  if (names.includes('invalid') && !checked) {
    throw new InstructorError(
      'usage',
      '--outcomes invalid: only a response model tells which rows these are',
      {
        hint: 'Name it: --response-model FILE#EXPORT',
      },
    );
  }
  return new Set(names as Outcome[]);
}
