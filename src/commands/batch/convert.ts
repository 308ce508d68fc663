import * as Flags from '@oclif/core/flags';
import { forceFlag, requestFileArg, requestFileFlags } from '../../cli/flags.js';
import { RequestFileCommand } from '../../cli/request-file-command.js';
import { convertRequests } from '../../core/convert-requests.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { requireFreeName } from '../../rows/output-file.js';
import { chooseTarget } from '../../registry/choose-target.js';
import { conversionToJson, printConversion } from '../../ui/conversion.js';
import { say } from '../../ui/notes.js';
import { printProblems } from '../../ui/problems.js';
import { startProgress } from '../../ui/progress.js';
import { writeOut } from '../../ui/terminal.js';
import { shellQuoted } from '../../text/shell-quoted.js';

export default class BatchConvert extends RequestFileCommand {
  static override summary = 'Convert a request file to another provider or model';

  static override description =
    'Writes the same requests for another provider: messages, limits, temperature and the shape of the answers. What has no counterpart there is named, with the number of requests that lose it. Nothing is written if a request cannot be converted.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> batch_requests.jsonl --to anthropic/claude-haiku-4-5 --output-file anthropic.jsonl',
  ];

  static override args = requestFileArg;

  static override flags = {
    ...requestFileFlags,
    to: Flags.string({
      summary: 'Provider and model that the requests are for then',
      required: true,
      helpValue: 'PROVIDER/MODEL',
    }),
    'output-file': Flags.string({
      summary: 'Where the new requests go; - is standard output',
      required: true,
      helpValue: 'FILE',
    }),
    force: forceFlag,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchConvert);
    const { to, force, 'output-file': outputPath } = flags;
    if (outputPath === '-' && this.jsonEnabled()) {
      throw new InstructorError('usage', 'Requests on standard output cannot go with --json');
    }
    const { entry, model } = chooseTarget(this.registry, to, 'to');
    await requireFreeName(outputPath, { force });
    return await this.withFile(flags, args.file, async ({ path, name, session }) => {
      const target = this.openSession(entry);
      const progress = await startProgress('Converting', { quiet: outputPath === '-' });
      const conversion = await convertRequests({
        path,
        name,
        outputPath,
        force,
        provider: await session.local(),
        declaration: session.declaration,
        others: this.declarations,
        target: { provider: await target.local(), declaration: target.declaration, model },
        onProblem: printProblems(name, progress),
        onProgress: (read, total) => progress.update(read, total),
        signal: this.signal,
      }).finally(() => progress.stop());
      printConversion(target.declaration, model, conversion);
      if (outputPath !== '-') {
        if (!this.jsonEnabled()) writeOut(outputPath);
        say(
          `To submit it: ${this.config.bin} batch create-from-file --file-path ${shellQuoted(outputPath)} --model ${entry.declaration.id}/${shellQuoted(model)}`,
        );
      }
      return {
        file: outputPath,
        from: session.declaration.id,
        provider: target.declaration.id,
        model,
        ...conversionToJson(conversion),
      };
    });
  }
}
