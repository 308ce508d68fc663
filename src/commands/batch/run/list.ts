import * as Args from '@oclif/core/args';
import { resolve } from 'node:path';
import { RunCommand } from '../../../cli/run-command.js';
import { findRuns, RUNS_FOLDER } from '../../../runs/find-runs.js';
import { runToJson } from '../../../runs/tell/run-summary.js';
import { say, warn } from '../../../ui/notes.js';
import { renderRuns } from '../../../ui/run-status.js';
import { writeOut } from '../../../ui/terminal.js';

export default class BatchRunList extends RunCommand {
  static override summary = 'List the runs of a folder, the newest first';

  static override examples = ['<%= config.bin %> <%= command.id %>'];

  static override args = {
    dir: Args.string({
      description: 'Folder with runs; .instructor/runs by default',
      default: RUNS_FOLDER,
      ignoreStdin: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(BatchRunList);
    const { runs, broken } = await findRuns(resolve(args.dir));
    for (const { folder, reason } of broken) warn(`${this.shown(folder)} cannot be read: ${reason}`);
    const newest = runs.toReversed();
    if (!this.jsonEnabled()) {
      if (newest.length === 0) say(`There are no runs in ${args.dir}`);
      else writeOut(await renderRuns(newest, (folder) => this.shown(folder)));
    }
    return { runs: newest.map(({ folder, settings, state }) => runToJson(folder, settings, state)) };
  }
}
