import { InstructorCommand } from '../../cli/base-command.js';
import { batchIdArg, batchIdFlag, providerFlag, requireBatchId } from '../../cli/flags.js';
import { getBatch } from '../../core/get-batch.js';
import { renderBatch } from '../../ui/batch-details.js';
import { batchToJson } from '../../ui/json.js';
import { writeOut } from '../../ui/terminal.js';

export default class BatchGet extends InstructorCommand {
  static override summary = 'Show one batch job in full';

  static override description =
    'Its state, all its times, counts, tokens, metadata and files, and if it failed the reasons of the provider with their line numbers.';

  static override examples = ['<%= config.bin %> <%= command.id %> batch_abc123'];

  static override args = batchIdArg;

  static override flags = {
    'batch-id': batchIdFlag({ summary: 'Batch job ID to show (required)' }),
    provider: providerFlag,
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchGet);
    const batchId = requireBatchId(flags['batch-id'], args.batchId);
    const { session } = this.chooseProvider({ provider: flags.provider, batchId });
    const batch = await getBatch(session, batchId, this.signal);
    if (!this.jsonEnabled()) writeOut(renderBatch(session.declaration, batch));
    return batchToJson(session.declaration.id, batch);
  }
}
