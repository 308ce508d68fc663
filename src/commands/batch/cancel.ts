import { InstructorCommand } from '../../cli/base-command.js';
import { batchIdArg, batchIdFlag, providerFlag, requireBatchId, useAnthropicFlag } from '../../cli/flags.js';
import { cancelBatch } from '../../core/change-batch.js';
import { batchToJson } from '../../ui/json.js';
import { say } from '../../ui/notes.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';

export default class BatchCancel extends InstructorCommand {
  static override summary = 'Cancel a batch job';

  static override description =
    'Asks the provider to end the batch and says what its state is afterwards. Requests that were answered before keep their results.';

  static override examples = ['<%= config.bin %> <%= command.id %> --batch-id batch_abc123'];

  static override args = batchIdArg;

  static override flags = {
    'batch-id': batchIdFlag({ summary: 'Batch job ID to cancel (required)' }),
    provider: providerFlag,
    'use-anthropic': useAnthropicFlag,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchCancel);
    const batchId = requireBatchId(flags['batch-id'], args.batchId);
    const { session } = this.chooseProvider({
      provider: flags.provider,
      batchId,
      useAnthropic: flags['use-anthropic'],
    });
    const batch = await cancelBatch(session, batchId, this.signal);
    if (!this.jsonEnabled()) {
      writeOut(visible(`${batch.id} ${batch.status}`));
      if (batch.status === 'cancelling')
        say(
          `The provider is ending it. To follow: ${this.config.bin} batch wait ${batch.id} --provider ${session.declaration.id}`,
        );
    }
    return batchToJson(session.declaration.id, batch);
  }
}
