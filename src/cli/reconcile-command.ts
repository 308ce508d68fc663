import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InstructorError } from '../failure/instructor-error.js';
import type { ProviderSession } from '../core/session.js';
import { RUNS_FOLDER } from '../runs/find-runs.js';
import type { RunTools } from '../runs/open-run.js';
import type { Adopted } from '../runs/reconcile/adopt-batch.js';
import type { Reconciled } from '../runs/reconcile/reconcile-runs.js';
import { removeLeftovers, type RemovedFiles } from '../runs/reconcile/remove-leftovers.js';
import type { RunScope } from '../runs/reconcile/run-scope.js';
import { DEFAULT_PACE } from '../runs/run-context.js';
import { runPaths } from '../runs/store/run-paths.js';
import { readSettings } from '../runs/store/run-settings.js';
import { shellQuoted } from '../text/shell-quoted.js';
import { visible } from '../text/visible.js';
import { isAgreed } from '../ui/confirm.js';
import { plural } from '../ui/format.js';
import { say, warn } from '../ui/notes.js';
import { reconcileHints, renderLeftovers, renderReconciled } from '../ui/reconciled.js';
import { writeErr, writeOut } from '../ui/terminal.js';
import { EXIT } from './exit-codes.js';
import { RunCommand } from './run-command.js';

/** What `batch reconcile` says and asks. */
export abstract class ReconcileCommand extends RunCommand {
  /** The directory of a run, its name, or a folder with runs. */
  protected scopeFolder(given: string | undefined): string {
    // That nothing was run yet is no mistake.
    if (given === undefined) return resolve(RUNS_FOLDER);
    const named = [given, join(RUNS_FOLDER, given)].find((path) => existsSync(runPaths(path).settings));
    if (named !== undefined) return resolve(named);
    if (existsSync(given)) return resolve(given);
    throw new InstructorError('usage', `There is no folder ${given}`, {
      hint: 'To see the runs: instructor batch run list',
    });
  }

  /** One for each provider that the runs are with. */
  protected sessionsFor({ runs }: RunScope, wanted: string | undefined): ProviderSession[] {
    const providers = wanted === undefined ? runs.map(({ settings }) => settings.provider) : [wanted];
    return [...new Set(providers)].map((provider) => this.chooseProvider({ provider }).session);
  }

  /** The response model is not among them: nothing is asked and nothing judged. */
  protected async adoptTools(folder: string, provider: string | undefined): Promise<RunTools> {
    const { settings } = runPaths(folder);
    if (!existsSync(settings))
      throw new InstructorError('usage', '--adopt needs the directory of one run', {
        hint: `To see the runs: ${this.config.bin} batch run list`,
      });
    const run = await readSettings(settings);
    if (provider !== undefined && provider !== run.provider)
      throw new InstructorError('usage', `The run is with ${run.provider}, not with ${provider}`, {
        hint: 'Leave --provider out',
      });
    return {
      session: this.chooseProvider({ provider: run.provider }).session,
      ...{ responseModel: undefined, prices: undefined, pace: DEFAULT_PACE },
      listener: { onNote: warn },
      signal: this.signal,
      version: this.config.version,
    };
  }

  protected printAdopted({ run, shard, batch }: Adopted): void {
    const what = batch === undefined ? 'has no batch, and is sent again' : `is batch ${batch}`;
    if (!this.jsonEnabled()) writeOut(visible(`${shard} of ${run.settings.name} ${what}`));
    this.sayHowToGoOn(run, '');
  }

  protected render(found: Reconciled): string {
    return renderReconciled(found);
  }

  protected printProblems({ problems, scope }: Reconciled): void {
    for (const { folder, reason } of scope.broken) warn(`${this.shown(folder)} cannot be read: ${reason}`);
    for (const { message } of problems) warn(message);
    if (scope.runs.length === 0 && scope.broken.length === 0) say('There are no runs to look at');
  }

  protected hints(found: Reconciled, dir: string | undefined): string[] {
    const { bin } = this.config;
    return reconcileHints(found, {
      command: [bin, 'batch reconcile', ...(dir === undefined ? [] : [shellQuoted(dir)])].join(' '),
      single: `${bin} batch reconcile`,
      resume: (folder) => this.resumeCommand(folder),
      shown: (folder) => shellQuoted(this.shown(folder)),
    });
  }

  /** What is unknown counts more than what could not be looked at. */
  protected exitCodeOf({ questioned, problems, scope }: Reconciled): number {
    if (questioned.some(({ shard }) => shard.phase === 'undecided')) return EXIT.state;
    if (problems.some(({ isCredentials }) => isCredentials)) return EXIT.credentials;
    return problems.length + scope.broken.length > 0 ? EXIT.failed : EXIT.done;
  }

  /** Shows what is going to be removed, asks, and removes it. */
  protected async cleanUp(options: {
    folder: string;
    sessions: readonly ProviderSession[];
    found: Reconciled;
    yes: boolean;
  }): Promise<RemovedFiles> {
    const { folder, sessions, found, yes } = options;
    const { leftovers } = found;
    if (leftovers.length === 0) {
      say('There are no request files to remove');
      return { removed: new Set(), kept: [] };
    }
    // Otherwise they are on standard output already.
    if (this.jsonEnabled()) writeErr(renderLeftovers(leftovers));
    const count = plural(leftovers.length, 'request file');
    if (!yes) {
      const agreed = await isAgreed(`Remove ${count} from the provider?`, this.signal, {
        nobody: 'Request files are left over, and there is nobody to ask whether to remove them',
        hint: 'Agree to it with --yes',
      });
      if (!agreed) throw new InstructorError('failed', 'Nothing was removed');
    }
    const agreed = new Set(leftovers.map(({ file }) => file.id));
    const done = await removeLeftovers({ folder, sessions, agreed, signal: this.signal });
    for (const { file, why } of done.kept) warn(`${file} was not removed: ${why}`);
    if (!this.jsonEnabled()) for (const file of done.removed) writeOut(visible(`${file} removed`));
    return done;
  }
}
