import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ReconcileCommand } from '../../cli/reconcile-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { adoptBatch } from '../../runs/reconcile/adopt-batch.js';
import { reconcileRuns } from '../../runs/reconcile/reconcile-runs.js';
import { adoptedToJson, reconciledToJson } from '../../runs/reconcile/reconciled-to-json.js';
import { readScope, scopeOf } from '../../runs/reconcile/run-scope.js';
import { RUNS_FOLDER } from '../../runs/find-runs.js';
import { say } from '../../ui/notes.js';
import { writeOut } from '../../ui/terminal.js';

export default class BatchReconcile extends ReconcileCommand {
  static override summary = 'Hold the journals of runs against what the providers have';

  static override description =
    'Finds shards of unknown fate and the batches that they may have become, batches that no journal knows, results that are not fetched yet, and request files that nothing uses any more. Changes nothing unless it is told to. Ends with exit code 5 if the user has to say which batch a shard became.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> .instructor/runs/tickets-20261122-140509 --adopt msgbatch_abc123',
    '<%= config.bin %> <%= command.id %> --cleanup',
  ];

  static override args = {
    dir: Args.string({
      description: `Folder with runs, or the directory or name of one; ${RUNS_FOLDER} by default`,
      ignoreStdin: true,
    }),
  };

  static override flags = {
    adopt: Flags.string({
      summary: "The batch that the run's shard in question became; none: there is no batch, send it again",
      helpValue: 'ID',
      exclusive: ['cleanup'],
    }),
    shard: Flags.string({
      summary: 'Which shard, if several are in question',
      helpValue: 'SHARD',
      dependsOn: ['adopt'],
    }),
    force: Flags.boolean({ summary: 'Also a batch that does not look like the shard', dependsOn: ['adopt'] }),
    cleanup: Flags.boolean({ summary: 'Remove the request files that nothing uses any more, after asking' }),
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask', dependsOn: ['cleanup'] }),
    provider: Flags.string({ summary: 'Look at the runs and batches of this provider alone' }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(BatchReconcile);
    const folder = this.scopeFolder(args.dir);
    const { adopt, shard, force = false } = flags;
    if (adopt !== undefined) {
      const tools = await this.adoptTools(folder, flags.provider);
      const adopted = await adoptBatch({ folder, adopt, shard, force, tools });
      this.printAdopted(adopted);
      return adoptedToJson(adopted);
    }
    const all = await readScope(folder);
    const scope = flags.provider === undefined ? all : scopeOf(all, flags.provider);
    const sessions = this.sessionsFor(scope, flags.provider);
    const found = await reconcileRuns({ scope, sessions, signal: this.signal });
    if (!this.jsonEnabled()) writeOut(this.render(found));
    this.printProblems(found);
    process.exitCode = this.exitCodeOf(found);
    if (!flags.cleanup) {
      for (const hint of this.hints(found, args.dir)) say(hint);
      return reconciledToJson(found);
    }
    const { removed, kept } = await this.cleanUp({ folder, sessions, found, yes: flags.yes ?? false });
    if (kept.length > 0) process.exitCode ||= EXIT.failed;
    return reconciledToJson(found, removed);
  }
}
