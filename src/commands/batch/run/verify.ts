import * as Args from '@oclif/core/args';
import { RunCommand } from '../../../cli/run-command.js';
import { EXIT } from '../../../cli/exit-codes.js';
import { verifyRun } from '../../../runs/verify-run.js';
import { plural } from '../../../ui/format.js';
import { note, warn } from '../../../ui/notes.js';
import { writeOut } from '../../../ui/terminal.js';
import { visible } from '../../../text/visible.js';

export default class BatchRunVerify extends RunCommand {
  static override summary = 'Prove that no row of a run is missing, doubled or changed';

  static override description =
    'Holds the requests, the downloaded answers, the results, the input and the output against the hashes of the journal and of the receipts. Needs no key and no network. Ends with exit code 1 if anything differs.';

  static override examples = ['<%= config.bin %> <%= command.id %> .instructor/runs/tickets-20261122-140509'];

  static override args = {
    dir: Args.string({ description: 'Directory of the run, or its name', ignoreStdin: true }),
  };

  async run(): Promise<unknown> {
    const { args } = await this.parse(BatchRunVerify);
    const known = await this.readRun(args.dir);
    const { session } = this.chooseProvider({ provider: known.settings.provider });
    const { rows, files, findings, more, notes } = await verifyRun(known, session, this.signal);
    for (const text of notes) note(text);
    for (const { file, message } of findings) warn(`${file}: ${message}`);
    if (more > 0) warn(`… and ${plural(more, 'other finding')}`);
    const whole = findings.length === 0;
    if (!whole) process.exitCode = EXIT.failed;
    else if (!this.jsonEnabled())
      writeOut(
        visible(
          `${known.settings.name}: ${plural(rows, 'row')}, each with one request, one result and one receipt; ${plural(files, 'file')} as recorded`,
        ),
      );
    return { run: known.settings.name, verified: whole, rows, files, findings, more_findings: more, notes };
  }
}
