import * as Args from '@oclif/core/args';
import { RunCommand } from '../../../cli/run-command.js';
import { runToJson } from '../../../runs/tell/run-summary.js';
import { renderRunStatus } from '../../../ui/run-status.js';
import { writeOut } from '../../../ui/terminal.js';

export default class BatchRunStatus extends RunCommand {
  static override summary = 'Show where a run is, from its directory alone';

  static override examples = ['<%= config.bin %> <%= command.id %> .instructor/runs/tickets-20261122-140509'];

  static override args = {
    dir: Args.string({ description: 'Directory of the run, or its name', ignoreStdin: true }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(BatchRunStatus);
    const known = await this.readRun(args.dir);
    if (!this.jsonEnabled()) writeOut(renderRunStatus(known, this.resumeCommand(known.folder)));
    return { ...runToJson(known.folder, known.settings, known.state), held_by: known.holder?.pid ?? null };
  }
}
