import * as Flags from '@oclif/core/flags';
import { requestFileArg, requestFileFlags } from '../../cli/flags.js';
import { RequestFileCommand } from '../../cli/request-file-command.js';
import { checkRequestFile } from '../../core/check-request-file.js';
import { formatBytes, plural } from '../../ui/format.js';
import { note, warn } from '../../ui/notes.js';
import { printProblems } from '../../ui/problems.js';
import { startProgress } from '../../ui/progress.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';

export default class BatchValidate extends RequestFileCommand {
  static override summary = 'Check a request file without sending it';

  static override description =
    'Finds what the provider would refuse, without a key: all that create-from-file checks before it sends. Every problem is listed with its line.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> batch_requests.jsonl',
    '<%= config.bin %> <%= command.id %> batch_requests.jsonl --provider anthropic --json',
  ];

  static override args = requestFileArg;

  static override flags = {
    ...requestFileFlags,
    endpoint: Flags.string({
      summary: 'Endpoint that the requests have to address; else the file tells',
      helpValue: 'PATH',
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchValidate);
    return await this.withFile(flags, args.file, async ({ path, name, session, model }) => {
      const { declaration } = session;
      const progress = await startProgress('Checking');
      const file = await checkRequestFile({
        path,
        name,
        provider: await session.local(),
        declaration,
        others: this.declarations,
        endpoint: flags.endpoint,
        manyBatches: true,
        onProblem: printProblems(name, progress),
        onProgress: (read, total) => progress.update(read, total),
        signal: this.signal,
      }).finally(() => progress.stop());
      const { checker, requests, bytes, models, endpoint } = file;
      const failure = checker.problems.toError(name, `${declaration.name} would not take it`);
      if (failure) throw failure;
      if (model !== undefined && !models.includes(model)) {
        note(`The requests ask ${models.join(', ')}, not ${model}: the file decides`);
      }
      const tooMuch = checker.beyondLimits();
      for (const { message, fix } of tooMuch) warn(`${message}: ${fix} before it is submitted`);
      if (!this.jsonEnabled()) {
        const facts = [plural(requests, 'request'), formatBytes(bytes), `model ${models.join(', ')}`];
        if (endpoint !== undefined) facts.push(`endpoint ${endpoint}`);
        writeOut(visible(`${name}: ${facts.join(', ')}`));
      }
      return {
        file: name,
        provider: declaration.id,
        requests,
        bytes,
        models,
        endpoint: endpoint ?? null,
        one_batch: tooMuch.length === 0,
      };
    });
  }
}
