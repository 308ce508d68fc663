import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { RunCommand } from '../../../cli/run-command.js';
import { InstructorError } from '../../../failure/instructor-error.js';
import { requireCredentials } from '../../../registry/load-provider.js';
import { cancelRun } from '../../../runs/cancel-run.js';
import { resumeRun } from '../../../runs/open-run.js';
import { DEFAULT_PACE } from '../../../runs/run-context.js';
import { runToJson } from '../../../runs/tell/run-summary.js';
import { isAgreed } from '../../../ui/confirm.js';
import { plural } from '../../../ui/format.js';
import { say, warn } from '../../../ui/notes.js';

export default class BatchRunCancel extends RunCommand {
  static override summary = 'Cancel a run: its batches are cancelled, and nothing more is sent';

  static override description =
    'What was answered before is paid for, and can be collected: go on with the run afterwards. Rows without an answer are then cancelled or missing.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> .instructor/runs/tickets-20261122-140509 --yes',
  ];

  static override args = {
    dir: Args.string({ description: 'Directory of the run, or its name', ignoreStdin: true }),
  };

  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'Do not ask' }) };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchRunCancel);
    const known = await this.readRun(args.dir);
    if (known.state.finished)
      throw new InstructorError(
        'state',
        `The run ${this.shown(known.folder)} has ended already: it is finished`,
      );
    const view = await this.openView(known.settings);
    const tools = await this.toolsFor(known.settings, view, DEFAULT_PACE);
    tools.session.require('cancel');
    requireCredentials(tools.session.entry, this.env);
    const running = known.state.in('running', 'uncertain', 'suspected').length;
    if (!flags.yes) {
      const agreed = await isAgreed(
        `Cancel ${plural(running, 'batch').replace('batchs', 'batches')}?`,
        this.signal,
        {
          nobody: 'This cannot be undone, and there is nobody to ask',
          hint: 'Confirm it with --yes',
        },
      );
      if (!agreed) throw new InstructorError('failed', 'Nothing was cancelled');
    }
    const { run, close } = await resumeRun(known.folder, tools);
    try {
      const { cancelled, problems } = await cancelRun(run);
      for (const { batch, message } of problems) warn(`${batch} could not be cancelled: ${message}`);
      say(
        `Cancelling ${cancelled.length === 1 ? '1 batch' : `${cancelled.length} batches`}; nothing more is sent`,
      );
      say(`To collect what was answered: ${this.resumeCommand(known.folder)}`);
      if (problems.length > 0) process.exitCode = 1;
      return runToJson(known.folder, run.settings, run.state);
    } finally {
      await close();
    }
  }
}
