import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { forceFlag, modelFlag, pairFlag, providerFlag, toParams } from '../../cli/flags.js';
import { isExplicit, settingOf } from '../../cli/explicit.js';
import { BatchProcessor } from '../../core/batch-processor.js';
import { rowsFromFile } from '../../core/message-rows.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { formatBytes, plural } from '../../ui/format.js';
import { batchToJson } from '../../ui/json.js';
import { note, say } from '../../ui/notes.js';
import { showSubmit } from '../../ui/submit.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';

export default class BatchCreate extends InstructorCommand {
  static override summary = 'Create batch job using BatchProcessor';

  static override description =
    'Turns conversations into a request file. Each line of the messages file is a list of messages, or an object with "messages" and optionally "custom_id" and parameters of its own. Nothing is sent, unless --submit is given.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --messages-file messages.jsonl --response-model label.ts#Label',
    '<%= config.bin %> <%= command.id %> --messages-file messages.jsonl --model anthropic/claude-haiku-4-5 --submit',
  ];

  static override flags = {
    'messages-file': Flags.string({
      summary: 'JSON Lines file with the conversations; - is standard input',
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
    const responseModel =
      flags['response-model'] === undefined ? undefined : await loadResponseModel(flags['response-model']);
    const { endpoint } = flags;
    const processor = new BatchProcessor(model ?? '', responseModel, {
      session,
      registry: this.registry,
      endpoint,
    });
    const created = await processor.createFromRows({
      path,
      rows: rowsFromFile(flags['messages-file'], this.signal),
      rowsName: flags['messages-file'] === '-' ? 'standard input' : flags['messages-file'],
      rowsPath: flags['messages-file'],
      force: flags.force,
      idKey: isExplicit(metadata, 'id-key') ? flags['id-key'] : undefined,
      maxTokens: settingOf(metadata, 'max-tokens', flags['max-tokens']),
      temperature: settingOf(metadata, 'temperature', readTemperature(flags.temperature)),
      params: toParams(flags.param),
      signal: this.signal,
    });
    for (const text of created.notes) note(text);
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
    };
    if (!flags.submit) {
      if (path !== '-' && !this.jsonEnabled()) writeOut(path);
      if (path !== '-')
        say(
          `To submit it: ${this.config.bin} batch create-from-file --file-path ${quoted(path)} --model ${session.declaration.id}/${usedModel}`,
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

function readTemperature(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InstructorError('usage', `--temperature "${text}" is not a number of 0 or more`);
}

/** As a shell takes it. */
function quoted(path: string): string {
  return /^[\w./:@%+,-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
