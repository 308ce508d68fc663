import { InstructorCommand } from '../../cli/base-command.js';
import { batchIdFlag, providerFlag, secondsFlag } from '../../cli/flags.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { followBatches } from '../../ui/follow.js';
import { batchToJson } from '../../ui/json.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';

export default class BatchWait extends InstructorCommand {
  static override summary = 'Wait until batch jobs have ended';

  static override description =
    'Takes any number of ids, of any providers. Ends with exit code 0 if all have completed, 6 if some of their rows failed, and 1 if a batch failed, expired or was cancelled.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> batch_abc123 msgbatch_def456',
    '<%= config.bin %> <%= command.id %> batch_abc123 --poll 30 && echo done',
  ];

  static override usage = '<%= command.id %> ID... [FLAGS]';

  static override strict = false;

  static override flags = {
    'batch-id': batchIdFlag({
      summary: 'Batch job ID to wait for; may be given several times',
      multiple: true,
      multipleNonGreedy: true,
    }),
    provider: providerFlag,
    poll: secondsFlag({
      summary: 'Time in seconds between two looks; else it grows, and the wish of the provider counts',
    }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(BatchWait);
    const ids = [...new Set([...(flags['batch-id'] ?? []), ...(argv as string[])])];
    if (ids.length === 0) {
      throw new InstructorError('usage', 'Missing the id of a batch', {
        hint: `Name one or more: ${this.config.bin} batch wait ID. To see them: ${this.config.bin} batch list`,
      });
    }
    const targets = ids.map((id) => ({
      id,
      session: this.chooseProvider({ provider: flags.provider, batchId: id }).session,
    }));
    const { batches, exitCode } = await followBatches({
      targets,
      pollSeconds: flags.poll,
      signal: this.signal,
      onEnded: (ended) => {
        if (this.jsonEnabled()) return;
        for (const batch of ended) writeOut(visible(`${batch.id} ${batch.status}`));
      },
    });
    process.exitCode = exitCode;
    const records = batches.map((batch, index) =>
      batchToJson(targets[index]?.session.declaration.id ?? '', batch),
    );
    return { batches: records };
  }
}
