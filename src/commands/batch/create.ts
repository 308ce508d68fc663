import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { tableInputFlags, toTableInput, type TableInputValues } from '../../cli/input-flags.js';
import { forceFlag, modelFlag, pairFlag, providerFlag, readTemperature, toParams } from '../../cli/flags.js';
import { isExplicit, settingOf } from '../../cli/explicit.js';
import type { CreateFromRowsOptions } from '../../core/batch-processor-options.js';
import { BatchProcessor } from '../../core/batch-processor.js';
import type { CreatedRequests } from '../../core/create-requests.js';
import { openTableInput } from '../../core/input/table-input.js';
import { rowsFromFile } from '../../core/message-rows.js';
import { formatProblem } from '../../core/request-problems.js';
import type { ProviderSession } from '../../core/session.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { formatBytes, plural } from '../../ui/format.js';
import { batchToJson } from '../../ui/json.js';
import { note, say, warn } from '../../ui/notes.js';
import { renderPreview } from '../../ui/preview.js';
import { rereadable } from '../../rows/standard-input-file.js';
import { shellQuoted } from '../../text/shell-quoted.js';
import { showSubmit } from '../../ui/submit.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';

export default class BatchCreate extends InstructorCommand {
  static override summary = 'Create batch job using BatchProcessor';

  static override description =
    'Turns rows into a request file. Rows come from a table (--input) with a prompt over its columns (--prompt), or as conversations (--messages-file): each line of such a file is a list of messages, or an object with "messages" and optionally "custom_id" and parameters of its own. Nothing is sent, unless --submit is given.';

  static override examples = [
    "<%= config.bin %> <%= command.id %> --input tickets.csv --prompt 'Classify: {{ text }}' --id-column ticket --response-model label.ts#Label",
    '<%= config.bin %> <%= command.id %> --input tickets.csv --prompt prompt.md --sample 20 --preview 2',
    '<%= config.bin %> <%= command.id %> --messages-file messages.jsonl --response-model label.ts#Label',
    '<%= config.bin %> <%= command.id %> --messages-file messages.jsonl --model anthropic/claude-haiku-4-5 --submit',
  ];

  static override flags = {
    'messages-file': Flags.string({
      summary: 'JSON Lines file with the conversations; - is standard input',
      exactlyOne: ['messages-file', 'input'],
      helpValue: 'FILE',
    }),
    ...tableInputFlags,
    model: modelFlag,
    provider: providerFlag,
    'response-model': Flags.string({
      summary:
        'The shape of the answers: file.ts#Export (zod or any Standard Schema), or a .json JSON Schema',
      helpValue: 'FILE#EXPORT',
    }),
    'output-file': Flags.string({
      summary: 'Where the requests go; - is standard output',
      default: 'batch_requests.jsonl',
      helpValue: 'FILE',
    }),
    'max-tokens': Flags.integer({ summary: 'Longest answer, in tokens', default: 1000, min: 1 }),
    temperature: Flags.string({
      summary: 'Temperature; left out where the model takes none',
      default: '0.1',
      helpValue: 'NUMBER',
    }),
    submit: Flags.boolean({ summary: 'Submit the requests at once and print the id of the batch' }),
    endpoint: Flags.string({
      summary: "Endpoint of the requests; the provider's first by default",
      helpValue: 'PATH',
    }),
    'id-key': Flags.string({
      summary: 'Key of a row that holds its custom id',
      default: 'custom_id',
      helpValue: 'KEY',
    }),
    param: pairFlag({
      summary: "Parameter for every request, in the provider's terms; may be given several times",
      multiple: true,
      multipleNonGreedy: true,
    }),
    preview: Flags.integer({
      summary: 'Show the first finished requests, so many; nothing is written or sent',
      min: 1,
      exclusive: ['submit'],
    }),
    'skip-bad-rows': Flags.boolean({
      summary:
        'Leave out rows that no request can be made of, and write them to a file beside the output, FILE.skipped.jsonl, which can be mended and given as --input',
    }),
    force: forceFlag,
  };

  async run(): Promise<unknown> {
    const { flags, metadata } = await this.parse(BatchCreate);
    const explicitModel = isExplicit(metadata, 'model') ? flags.model : undefined;
    const { session, model } = this.chooseProvider({ provider: flags.provider, model: explicitModel });
    const path = flags['output-file'];
    if (path === '-' && (flags.submit || this.jsonEnabled())) {
      throw new InstructorError('usage', 'Requests on standard output cannot go with --submit or --json');
    }
    if (path === '-' && flags['skip-bad-rows'])
      throw new InstructorError('usage', '--skip-bad-rows needs an output file, to write beside it');
    if (flags.input !== undefined && isExplicit(metadata, 'id-key'))
      throw new InstructorError('usage', '--id-key is for --messages-file; --input has --id-column', {
        hint: `Such as: --id-column ${shellQuoted(flags['id-key'])}`,
      });
    const responseModel =
      flags['response-model'] === undefined ? undefined : await loadResponseModel(flags['response-model']);
    const { endpoint } = flags;
    const processor = new BatchProcessor(model ?? '', responseModel, {
      session,
      registry: this.registry,
      endpoint,
    });
    const source = await this.openRows(flags, session.declaration);
    const rows = {
      ...source.rows,
      idKey: isExplicit(metadata, 'id-key') ? flags['id-key'] : undefined,
      maxTokens: settingOf(metadata, 'max-tokens', flags['max-tokens']),
      temperature: settingOf(metadata, 'temperature', readTemperature(flags.temperature)),
      params: toParams(flags.param),
      signal: this.signal,
    };
    try {
      if (flags.preview !== undefined)
        return await this.preview(processor, rows, flags.preview, flags['skip-bad-rows']);
      const created = await processor.createFromRows({
        ...rows,
        path,
        skipBadRows: flags['skip-bad-rows'],
        force: flags.force,
      });
      return await this.report(created, { ...flags, path, processor, session, model });
    } finally {
      await source.close();
    }
  }

  /** Rows of a table, or conversations as they are. */
  private async openRows(flags: RowFlags, declaration: ProviderDeclaration): Promise<OpenedRows> {
    const { input, 'messages-file': messages = '' } = flags;
    if (input === undefined) {
      const rowsName = messages === '-' ? 'standard input' : messages;
      const rows = { rows: rowsFromFile(messages, this.signal), rowsName, rowsPath: messages };
      return { rows, close: () => Promise.resolve() };
    }
    const options = toTableInput(flags);
    const file = await rereadable(input, this.signal);
    try {
      const { path } = file;
      const table = await openTableInput({ ...options, path, signal: this.signal }, declaration);
      for (const text of table.notes) note(text);
      const { rows, places } = table;
      return { rows: { rows, places, rowsName: options.name, rowsPath: input }, close: file.remove };
    } catch (error) {
      await file.remove();
      throw error;
    }
  }

  private async preview(
    processor: BatchProcessor,
    rows: Omit<CreateFromRowsOptions, 'path'>,
    count: number,
    skipBadRows: boolean,
  ): Promise<unknown> {
    const { previews, problems, notes } = await processor.previewFromRows(rows, count);
    for (const text of notes) note(text);
    if (!this.jsonEnabled()) {
      const place = { file: rows.rowsName, places: rows.places };
      for (const preview of previews) writeOut(`${renderPreview(preview, place)}\n`);
    }
    for (const problem of problems) warn(formatProblem(rows.rowsName, problem, rows.places));
    if (previews.length === 0 && problems.length === 0) say('There are no rows to show');
    if (problems.length > 0 && !skipBadRows) process.exitCode = EXIT.failed;
    return {
      preview: previews.map(({ line, customId, request }) => ({ line, id: customId, request })),
      problems: problems.map(({ customId, ...problem }) => ({ ...problem, custom_id: customId })),
    };
  }

  /** Says what was written, and submits it if that was asked for. */
  private async report(created: CreatedRequests, context: ReportContext): Promise<unknown> {
    const { path, processor, session, model, submit } = context;
    for (const text of created.notes) note(text);
    const { skipped } = created;
    if (skipped && skipped.rows > 0)
      warn(`Left out ${plural(skipped.rows, 'bad row')}: they are in ${skipped.path}, each with its reason`);
    const [usedModel = model] = created.models;
    say(
      `Wrote ${plural(created.requests, 'request')} for ${session.declaration.name} (${usedModel}), ${formatBytes(created.bytes)}`,
    );
    const summary = {
      file: path,
      provider: session.declaration.id,
      model: usedModel,
      endpoint: created.endpoint ?? null,
      requests: created.requests,
      bytes: created.bytes,
      skipped: skipped ? { rows: skipped.rows, file: skipped.rows > 0 ? skipped.path : null } : null,
    };
    if (!submit) {
      if (path !== '-' && !this.jsonEnabled()) writeOut(path);
      if (path !== '-')
        say(
          `To submit it: ${this.config.bin} batch create-from-file --file-path ${shellQuoted(path)} --model ${session.declaration.id}/${usedModel}`,
        );
      return { ...summary, batch: null };
    }
    const batch = await showSubmit({
      processor,
      file: await processor.checkRequestFile(path, { signal: this.signal }),
      signal: this.signal,
      listCommand: `${this.config.bin} batch list --provider ${session.declaration.id}`,
    });
    if (!this.jsonEnabled()) {
      say('Created batch:');
      writeOut(visible(batch.id));
    }
    say(`To follow: ${this.config.bin} batch wait ${batch.id} --provider ${session.declaration.id}`);
    return { ...summary, batch: batchToJson(session.declaration.id, batch) };
  }
}

interface RowFlags extends TableInputValues {
  'messages-file'?: string;
}

interface OpenedRows {
  rows: Pick<CreateFromRowsOptions, 'rows' | 'rowsName' | 'rowsPath' | 'places'>;
  close: () => Promise<void>;
}

interface ReportContext {
  path: string;
  processor: BatchProcessor;
  session: ProviderSession;
  model: string | undefined;
  submit?: boolean;
}
