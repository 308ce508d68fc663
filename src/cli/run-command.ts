import { join, relative, resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { hasEnded } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { loadPrices } from '../registry/load-prices.js';
import { conductRun, type Conducted } from '../runs/conduct/conduct-run.js';
import { claimsOf, findRuns, readRun, RUNS_FOLDER, type KnownRun } from '../runs/find-runs.js';
import type { OpenedRun, RunTools } from '../runs/open-run.js';
import { planRun } from '../runs/plan/plan-run.js';
import { requireSameModel } from '../runs/prepare-run.js';
import { record, type RunContext, type RunPace } from '../runs/run-context.js';
import { requirePrices } from '../runs/send/budget.js';
import type { StopCode } from '../runs/store/events.js';
import { runPaths } from '../runs/store/run-paths.js';
import type { RunSettings } from '../runs/store/run-settings.js';
import { readHistory, rememberBatch } from '../runs/tell/history.js';
import { runToJson } from '../runs/tell/run-summary.js';
import { loadResponseModel } from '../schema/load-response-model.js';
import type { ResponseModel } from '../schema/response-model.js';
import { shellQuoted } from '../text/shell-quoted.js';
import { isAgreed } from '../ui/confirm.js';
import { summaryToJson } from '../ui/json.js';
import { note, say, warn } from '../ui/notes.js';
import { renderPlan } from '../ui/run-plan.js';
import { RunView } from '../ui/run-view.js';
import { printSummary } from '../ui/summary.js';
import { writeErr, writeOut } from '../ui/terminal.js';
import { visible } from '../text/visible.js';
import { InstructorCommand } from './base-command.js';
import { EXIT } from './exit-codes.js';
import { requireRunnable } from './run-options.js';
import { tellEnd, type TellOptions } from './tell-end.js';

/** What a process is told about how to work on a run. */
export interface WorkOptions extends TellOptions {
  yes: boolean;
  detach: boolean;
  dryRun: boolean;
}

/** Without these a run that stopped would stop again at once. */
const NEEDED: Partial<Record<StopCode, string>> = {
  budget: ' --max-cost USD',
  canary: ' --max-failures SHARE',
};

/** The answers are there, and are wanted in a file that the run has not written, or that is not there any more. */
function wantsOtherOutput({ settings, state }: RunContext): boolean {
  const { output } = settings;
  if (output === undefined) return false;
  return output.path !== state.finished?.output?.path || !existsSync(output.path);
}

/** What the commands about runs share. */
export abstract class RunCommand extends InstructorCommand {
  /** The directory of a run, given as that or as the name of one below .instructor/runs. */
  protected runFolder(given: string): string {
    const folders = [given, join(RUNS_FOLDER, given)];
    const found = folders.find((folder) => existsSync(runPaths(folder).settings));
    if (found !== undefined) return resolve(found);
    throw new InstructorError('usage', `${given} is not the directory of a run`, {
      hint: 'To see the runs: instructor batch run list',
    });
  }

  protected async readRun(given: string | undefined): Promise<KnownRun> {
    if (given !== undefined) return await readRun(this.runFolder(given));
    throw new InstructorError('usage', 'Missing the directory of a run', {
      hint: 'To see the runs: instructor batch run list',
    });
  }

  /** What a process brings along for a run that was begun before. */
  protected async toolsFor(
    settings: RunSettings,
    view: Pick<RunView, 'listener'>,
    pace: RunPace,
    responseModel?: ResponseModel,
  ): Promise<RunTools> {
    const { session } = this.chooseProvider({ provider: settings.provider });
    const { schema } = settings;
    const model = responseModel ?? (schema && (await loadResponseModel(schema.reference)));
    requireSameModel(settings, model);
    return {
      session,
      responseModel: model,
      prices: await loadPrices(session.entry, this.env),
      listener: view.listener,
      pace,
      signal: this.signal,
      version: this.config.version,
    };
  }

  /** How long batches took, for the user's own estimates. */
  private get historyFile(): string {
    return join(this.config.dataDir, 'batch-history.jsonl');
  }

  protected async openView(settings: RunSettings): Promise<RunView> {
    const history = await readHistory(this.historyFile, settings.provider, settings.model);
    const { maxInFlight = 50 } = settings.limits;
    const view = new RunView({ name: settings.name, history, atOnce: maxInFlight, startedAt: Date.now() });
    const { onEvent } = view.listener;
    view.listener.onEvent = (event, state) => {
      onEvent?.(event, state);
      if (event.event !== 'ended' || !hasEnded(event.batch.status)) return;
      const { provider, model } = settings;
      void rememberBatch(
        this.historyFile,
        { provider, model, requests: event.batch.requests.total ?? 0 },
        event.batch,
      );
    };
    return view;
  }

  /** Plans the run if it is not planned, asks, and takes it to its end. */
  protected async work(opened: OpenedRun, view: RunView, options: WorkOptions): Promise<unknown> {
    const { run, close } = opened;
    const { folder } = run.paths;
    try {
      if (run.state.finished && !wantsOtherOutput(run)) return await this.reportFinished(run);
      requireRunnable(run.session.declaration, run.settings.policy, run.settings.schema !== undefined);
      await view.start(run.state);
      if (!run.state.planned) await planRun(run);
      for (const text of run.state.facts?.notes ?? []) run.listener.onNote?.(text);
      requirePrices(run.state, run.settings.policy.maxCostUsd, run.settings.model);
      if (!run.state.approved || options.dryRun) {
        view.stop();
        writeErr(renderPlan(run, this.shown(folder)));
        if (options.dryRun) return this.reportPlan(run);
        await this.approve(run, options);
        await view.start(run.state);
      }
      const { runs } = await findRuns(join(folder, '..'));
      const claims = claimsOf(runs, run.settings.id);
      const conducted = await conductRun(run, { detach: options.detach, claims });
      view.stop();
      try {
        return this.report(run, conducted);
      } finally {
        // Also of a run that was stopped by a refusal, which is thrown.
        if (conducted.kind !== 'detached')
          await tellEnd(run, conducted, options, this.env['INSTRUCTOR_WEBHOOK_SECRET'] || undefined);
      }
    } catch (error) {
      view.stop();
      if (this.signal.aborted) {
        const under = run.state.in('running', 'uncertain', 'suspected').length > 0;
        this.sayHowToGoOn(run, under ? 'The batches go on at the provider. ' : '');
      }
      throw error;
    } finally {
      view.stop();
      await close();
    }
  }

  private async approve(run: RunContext, { yes }: WorkOptions): Promise<void> {
    if (!yes) {
      const agreed = await isAgreed('Send it?', this.signal, {
        nobody: 'The plan is made, and there is nobody to ask whether to send it',
        hint: `Agree to it with --yes: ${this.resumeCommand(run.paths.folder)} --yes`,
        byDefault: true,
      });
      if (!agreed) {
        this.sayHowToGoOn(run, 'Nothing was sent. ');
        throw new InstructorError('failed', 'Not sent');
      }
    }
    await record(run, { event: 'approved', by: yes ? 'flag' : 'terminal' });
  }

  private report(run: RunContext, conducted: Conducted): unknown {
    const { folder } = run.paths;
    const json = runToJson(folder, run.settings, run.state);
    if (conducted.kind === 'detached') {
      const { waiting, why } = conducted.end;
      if (waiting > 0) note(`${waiting} batches are not sent yet: they wait for ${why ?? 'room'}`);
      this.sayHowToGoOn(run, 'Left. ');
      if (!this.jsonEnabled()) writeOut(this.shown(folder));
      return { ...json, summary: null };
    }
    const { outcome } = conducted;
    if (outcome) printSummary(outcome.summary);
    const summary = outcome ? summaryToJson(outcome.summary) : null;
    if (conducted.kind === 'stopped') {
      const { code, message } = conducted.end;
      // In the words of the provider, and with its request id, where it was the provider who said no.
      if (conducted.end.cause instanceof Error) {
        this.sayHowToGoOn(run, `The run stopped (${code}). `);
        throw conducted.end.cause;
      }
      process.exitCode = code === 'undecided' ? EXIT.state : EXIT.failed;
      warn(`The run stopped (${code}): ${message}`);
      this.sayHowToGoOn(
        run,
        code === 'undecided'
          ? `Say which it is: ${this.config.bin} batch reconcile ${this.shown(folder)} --adopt ID. `
          : '',
        NEEDED[code],
      );
      return { ...json, summary };
    }
    say(`Report: ${this.shown(join(folder, 'report.md'))}`);
    const place = run.settings.output?.path;
    if (!this.jsonEnabled() && place !== '-') writeOut(this.shown(place ?? join(folder, 'results.jsonl')));
    if (!conducted.outcome.summary.flawless) process.exitCode = EXIT.someRowsFailed;
    return { ...json, summary };
  }

  private reportPlan(run: RunContext): unknown {
    this.sayHowToGoOn(run, 'Nothing was sent. ');
    if (!this.jsonEnabled()) writeOut(this.shown(run.paths.folder));
    return { ...runToJson(run.paths.folder, run.settings, run.state), summary: null };
  }

  private async reportFinished(run: RunContext): Promise<unknown> {
    const { settings, state, paths } = run;
    say(`The run ${visible(settings.name)} is finished since ${state.finished?.at}; nothing was sent`);
    const place = state.finished?.output?.path ?? paths.results;
    if (!this.jsonEnabled()) writeOut(this.shown(place));
    if (
      Object.entries(state.finished?.outcomes ?? {}).some(
        ([outcome, rows]) => outcome !== 'succeeded' && rows > 0,
      )
    )
      process.exitCode = EXIT.someRowsFailed;
    return await Promise.resolve({ ...runToJson(paths.folder, settings, state), summary: null });
  }

  protected sayHowToGoOn(run: Pick<RunContext, 'paths'>, before: string, needed = ''): void {
    say(`${before}To go on: ${this.resumeCommand(run.paths.folder)}${needed}`);
  }

  protected resumeCommand(folder: string): string {
    return `${this.config.bin} batch run --resume ${shellQuoted(this.shown(folder))}`;
  }

  /** As short as it can be typed from here. */
  protected shown(path: string): string {
    const short = relative(process.cwd(), path);
    return short !== '' && short.length < path.length ? short : path;
  }
}
