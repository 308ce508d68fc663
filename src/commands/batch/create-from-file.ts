import type { Batch } from '@instructor-cli/provider-kit';
import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { toSeconds } from '../../cli/duration.js';
import { isExplicit, settingOf } from '../../cli/explicit.js';
import { modelFlag, pairFlag, providerFlag, toRecord, useAnthropicFlag } from '../../cli/flags.js';
import { BatchProcessor } from '../../core/batch-processor.js';
import type { CheckedFile } from '../../core/check-request-file.js';
import { planSubmit, type SubmitSettings } from '../../core/submit-requests.js';
import { rereadable } from '../../rows/standard-input-file.js';
import type { ProviderSession } from '../../core/session.js';
import { renderLists } from '../../ui/batch-lists.js';
import { formatBytes, plural } from '../../ui/format.js';
import { batchToJson } from '../../ui/json.js';
import { note, say, warn } from '../../ui/notes.js';
import { showSubmit } from '../../ui/submit.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';
import { followBatches } from '../../ui/follow.js';
import { requireCredentials } from '../../registry/load-provider.js';

const NEWEST = 5;

export default class BatchCreateFromFile extends InstructorCommand {
  static override summary = 'Create a batch job from a file';

  static override description =
    'Checks the whole file before anything is sent, sends it as a stream and creates the batch. Prints the id of the batch, then the newest batches of that provider.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --file-path batch_requests.jsonl --description "Emails, v2.1"',
    '<%= config.bin %> <%= command.id %> --file-path batch_requests.jsonl --model anthropic/claude-haiku-4-5 --wait',
  ];

  static override flags = {
    'file-path': Flags.string({
      summary: 'File containing the batch job requests; - is standard input',
      required: true,
      helpValue: 'FILE',
    }),
    model: modelFlag,
    provider: providerFlag,
    description: Flags.string({
      summary: 'Description/metadata for the batch job',
      default: 'Instructor batch job',
      helpValue: 'TEXT',
    }),
    'completion-window': Flags.string({
      summary: 'Completion window for the batch job (OpenAI only)',
      default: '24h',
      helpValue: 'WINDOW',
    }),
    'use-anthropic': useAnthropicFlag,
    metadata: pairFlag({
      summary: 'Metadata for the batch job; may be given several times',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'expires-after': Flags.string({
      summary: "Remove the batch's files after this time, such as 7d, where the provider can",
      helpValue: 'DURATION',
    }),
    validate: Flags.boolean({ summary: 'Check the file before it is sent', default: true, allowNo: true }),
    endpoint: Flags.string({
      summary: 'Endpoint that the requests have to address; else the file tells',
      helpValue: 'PATH',
    }),
    wait: Flags.boolean({ summary: 'Wait for the end of the batch' }),
  };

  async run(): Promise<unknown> {
    const { flags, metadata } = await this.parse(BatchCreateFromFile);
    const explicitModel = isExplicit(metadata, 'model') ? flags.model : undefined;
    const { session, model } = this.chooseProvider({
      provider: flags.provider,
      model: explicitModel,
      useAnthropic: flags['use-anthropic'],
    });
    const settings = {
      description: flags.description,
      metadata: toRecord(flags.metadata, 'metadata'),
      completionWindow: settingOf(metadata, 'completion-window', flags['completion-window']),
      expiresAfterSeconds:
        flags['expires-after'] === undefined ? undefined : toSeconds(flags['expires-after'], 'expires-after'),
    };
    const { notes } = planSubmit(session.declaration, settings);
    requireCredentials(session.entry, this.env);
    const processor = new BatchProcessor(model ?? '', undefined, {
      session,
      registry: this.registry,
      endpoint: flags.endpoint,
    });
    const source = await rereadable(flags['file-path'], this.signal);
    const { batch, file } = await this.submit(processor, source.path, {
      ...settings,
      model,
      notes,
      validate: flags.validate,
      listCommand: `${this.config.bin} batch list --provider ${session.declaration.id}`,
    }).finally(() => source.remove());
    if (!this.jsonEnabled()) {
      say('Created batch:');
      writeOut(visible(batch.id));
    }
    const json = {
      batch: batchToJson(session.declaration.id, batch),
      requests: file.requests,
      bytes: file.bytes,
    };
    if (flags.wait) {
      const { batches, exitCode } = await followBatches({
        targets: [{ session, id: batch.id }],
        signal: this.signal,
      });
      process.exitCode = exitCode;
      return { ...json, batch: batches.map((ended) => batchToJson(session.declaration.id, ended))[0] };
    }
    if (!this.jsonEnabled()) await this.showNewest(session, processor);
    return json;
  }

  /** Checks the whole file, then sends it. */
  private async submit(
    processor: BatchProcessor,
    path: string,
    options: SubmitSettings & { model?: string; notes: string[]; validate: boolean; listCommand: string },
  ): Promise<{ batch: Batch; file: CheckedFile }> {
    const { model, notes, validate, ...settings } = options;
    const file = await processor.checkRequestFile(path, { validate, signal: this.signal });
    const problem = validate ? file.checker.problems.toError(path, 'nothing was sent') : undefined;
    if (problem) throw problem;
    say(`${validate ? 'Checked' : 'Read'} ${plural(file.requests, 'request')}, ${formatBytes(file.bytes)}`);
    if (model !== undefined && file.models.length > 0 && !file.models.includes(model)) {
      note(`The requests ask ${file.models.join(', ')}, not ${model}: the file decides`);
    }
    for (const text of notes) note(text);
    const batch = await showSubmit({ ...settings, processor, file, signal: this.signal });
    return { batch, file };
  }

  /** The batch exists: a list that fails now is a pity, not a failure. */
  private async showNewest(session: ProviderSession, processor: BatchProcessor): Promise<void> {
    try {
      const batches = await processor.listBatches({ limit: NEWEST, signal: this.signal });
      writeOut(
        await renderLists([{ provider: session.declaration, batches }], { merged: false, limit: NEWEST }),
      );
    } catch (error) {
      if (this.signal.aborted) throw error;
      warn(`The batch was created, but the list cannot be shown: ${(error as Error).message}`);
    }
  }
}
