import * as Flags from '@oclif/core/flags';
import { requestFileArg, requestFileFlags } from '../../cli/flags.js';
import { RequestFileCommand } from '../../cli/request-file-command.js';
import { countRequests } from '../../core/request-stats.js';
import { plural } from '../../ui/format.js';
import { warn } from '../../ui/notes.js';
import { startProgress } from '../../ui/progress.js';
import { renderStats, statsToJson } from '../../ui/request-stats.js';
import { writeOut } from '../../ui/terminal.js';
import { shellQuoted } from '../../text/shell-quoted.js';

export default class BatchStats extends RequestFileCommand {
  static override summary = 'Count the requests and tokens of a request file';

  static override description =
    'Counts what is going to be sent, without a key: requests, tokens in, the most tokens that can come out, the longest requests, and how many batches it takes. Where the tokenizer of a model is not public, another one stands in, and how wrong that may be is said.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> batch_requests.jsonl',
    '<%= config.bin %> <%= command.id %> batch_requests.jsonl --max-tokens-per-batch 2000000 --json',
  ];

  static override args = requestFileArg;

  static override flags = {
    ...requestFileFlags,
    'max-tokens-per-batch': Flags.integer({
      summary: 'Also say how many batches it takes with no more tokens in each',
      min: 1,
      helpValue: 'TOKENS',
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchStats);
    return await this.withFile(flags, args.file, async ({ path, name, session }) => {
      const { declaration } = session;
      const progress = await startProgress('Counting');
      const stats = await countRequests({
        path,
        name,
        provider: await session.local(),
        declaration,
        others: this.declarations,
        maxTokensPerBatch: flags['max-tokens-per-batch'],
        onProgress: (read, total) => progress.update(read, total),
        signal: this.signal,
      }).finally(() => progress.stop());
      const { tokens, problems } = stats;
      if (problems.total > 0) {
        const check = `${this.config.bin} batch validate ${shellQuoted(name)} --provider ${declaration.id}`;
        warn(`The file has ${plural(problems.total, 'problem')} and cannot be sent as it is: ${check}`);
      }
      if (tokens.uncounted.length > 0) {
        const left = plural(stats.requests - tokens.requests, 'request');
        warn(
          `The tokens of ${left} are not counted: no tokenizer is known for ${tokens.uncounted.join(', ')}`,
        );
      }
      if (!this.jsonEnabled()) writeOut(renderStats(name, declaration, stats));
      return { file: name, provider: declaration.id, ...statsToJson(stats) };
    });
  }
}
