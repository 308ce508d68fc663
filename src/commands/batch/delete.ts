import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { batchIdArg, batchIdFlag, providerFlag, requireBatchId } from '../../cli/flags.js';
import { deleteBatch, deleteFiles } from '../../core/change-batch.js';
import { getBatch } from '../../core/get-batch.js';
import type { ProviderSession } from '../../core/session.js';
import { confirm } from '../../ui/confirm.js';
import { say } from '../../ui/notes.js';
import { writeOut } from '../../ui/terminal.js';
import { visible } from '../../text/visible.js';

export default class BatchDelete extends InstructorCommand {
  static override summary = 'Delete a completed batch job';

  static override description =
    'Where a provider cannot delete batches, this says so and ends with exit code 3; --with-files then removes the files that the batch has left behind.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --batch-id msgbatch_abc123 --provider anthropic',
    '<%= config.bin %> <%= command.id %> --batch-id batch_abc123 --with-files --yes',
  ];

  static override args = batchIdArg;

  static override flags = {
    'batch-id': batchIdFlag({ summary: 'Batch job ID to delete (required)' }),
    provider: providerFlag,
    'with-files': Flags.boolean({
      summary: "Delete the batch's input, output and error files where the provider keeps them",
    }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask before files are deleted' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchDelete);
    const batchId = requireBatchId(flags['batch-id'], args.batchId);
    const { session } = this.chooseProvider({ provider: flags.provider, batchId });
    const { capabilities } = session.declaration;
    if (flags['with-files'] && capabilities.deleteFiles?.supported) {
      const files = await this.deleteWithFiles(session, batchId, flags.yes);
      if (!capabilities.delete.supported)
        return { id: batchId, provider: session.declaration.id, deleted: false, files };
      await this.deleteBatch(session, batchId);
      return { id: batchId, provider: session.declaration.id, deleted: true, files };
    }
    const hint = capabilities.deleteFiles?.supported
      ? 'Its files can be deleted: add --with-files'
      : undefined;
    session.require('delete', hint);
    await this.deleteBatch(session, batchId);
    return { id: batchId, provider: session.declaration.id, deleted: true, files: [] };
  }

  private async deleteBatch(session: ProviderSession, batchId: string): Promise<void> {
    await deleteBatch(session, batchId, this.signal);
    if (!this.jsonEnabled()) writeOut(`${batchId} deleted`);
  }

  private async deleteWithFiles(session: ProviderSession, batchId: string, yes: boolean): Promise<unknown[]> {
    const batch = await getBatch(session, batchId, this.signal);
    if (batch.files.length === 0) {
      say(`Batch ${batchId} has no files`);
      return [];
    }
    const list = batch.files.map(({ kind, id }) => `${kind} ${id}`).join(', ');
    if (!yes) await confirm(`Delete ${batch.files.length} files of ${batchId} (${list})?`, this.signal);
    const done = await deleteFiles(session, batch.files, this.signal);
    for (const { file, deleted } of done) {
      if (!this.jsonEnabled()) writeOut(visible(`${file.id} ${deleted ? 'deleted' : 'was gone already'}`));
    }
    return done.map(({ file, deleted }) => ({ ...file, deleted }));
  }
}
