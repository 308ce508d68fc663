import { join, resolve } from 'node:path';
import { isExplicit, settingOf } from '../../cli/explicit.js';
import { readTemperature, toParams, toRecord } from '../../cli/flags.js';
import { toSeconds } from '../../cli/duration.js';
import { toTableInput } from '../../cli/input-flags.js';
import { RunCommand, type WorkOptions } from '../../cli/run-command.js';
import { runFlags } from '../../cli/run-flags.js';
import { changedSettings, requireRunnable, toPace, toPolicy, toRunOutput } from '../../cli/run-options.js';
import { planSubmit } from '../../core/submit-requests.js';
import { InstructorError } from '../../failure/instructor-error.js';
import { requireCredentials } from '../../registry/load-provider.js';
import { requireFreeName, requireOtherFile } from '../../rows/output-file.js';
import { rereadable } from '../../rows/standard-input-file.js';
import { findRuns, RUNS_FOLDER, type KnownRun } from '../../runs/find-runs.js';
import { beginRun, forgetRun, resumeRun } from '../../runs/open-run.js';
import { prepareRun, type PrepareOptions } from '../../runs/prepare-run.js';
import { requireSameInput } from '../../runs/send/shard-source.js';
import type { RunSettings } from '../../runs/store/run-settings.js';
import { statusOf } from '../../runs/tell/run-summary.js';
import { loadResponseModel } from '../../schema/load-response-model.js';
import { isAgreed } from '../../ui/confirm.js';
import { note } from '../../ui/notes.js';

type Parsed = Awaited<ReturnType<BatchRun['readFlags']>>;

export default class BatchRun extends RunCommand {
  static override summary = 'Take a table of any size to finished answers, in as many batches as that takes';

  static override description =
    'Plans, shows the price, sends in waves, waits, collects, asks failed rows again and writes the answers beside the rows. It may be ended at any moment, and taken up again with --resume: no row is lost and none is paid for twice. The same command finds its own run again. What happens is in the directory of the run (docs/runs.md).';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --input tickets.csv --prompt prompt.md --response-model ticket.ts#Ticket --output tickets.out.csv',
    '<%= config.bin %> <%= command.id %> --input tickets.csv --prompt prompt.md --canary 50 --max-cost 20 --reask 2 --yes',
    '<%= config.bin %> <%= command.id %> --resume .instructor/runs/tickets-20261122-140509',
  ];

  static override flags = runFlags;

  async run(): Promise<unknown> {
    const parsed = await this.readFlags();
    const { flags } = parsed;
    if (flags.output === '-' && this.jsonEnabled())
      throw new InstructorError('usage', '--json and answers on standard output exclude each other');
    if (flags.resume !== undefined) return await this.goOn(this.runFolder(flags.resume), parsed);
    if (flags.input === undefined && flags['messages-file'] === undefined) {
      throw new InstructorError('usage', 'There is nothing to ask: name a table', {
        hint: 'With --input FILE, conversations with --messages-file FILE, or a run to go on with: --resume DIR',
      });
    }
    return await this.begin(parsed);
  }

  async readFlags() {
    return await this.parse(BatchRun);
  }

  private async goOn(folder: string, { flags }: Parsed): Promise<unknown> {
    const { settings, state } = await this.readRun(folder);
    const output = toRunOutput(flags);
    if (output) await requireOtherFile(output.path, settings.input.path);
    if (output && output.path !== '-' && !state.wroteOutputs.has(resolve(output.path)))
      await requireFreeName(output.path, output);
    const joins = settings.input.kind === 'table' && (output ?? settings.output) !== undefined;
    // Said before anything more is paid for.
    if (!state.planned || (joins && !state.finished)) await requireSameInput(settings, this.signal);
    const view = await this.openView(settings);
    const tools = await this.toolsFor(settings, view, toPace(flags));
    if (!flags['dry-run']) requireCredentials(tools.session.entry, this.env);
    const opened = await resumeRun(folder, tools, (before) => changedSettings(before, flags, resolve));
    return await this.work(opened, view, workOptions(flags));
  }

  private async begin(parsed: Parsed): Promise<unknown> {
    const { flags } = parsed;
    const input = flags.input ?? flags['messages-file'] ?? '';
    const file = await rereadable(input, this.signal);
    try {
      const { settings, model } = await this.prepare(parsed, file.path);
      const known = flags.new ? undefined : await this.sameRun(settings, flags['run-dir']);
      if (known && (await this.takesUp(known, { yes: flags.yes ?? false, name: flags.name })))
        return await this.goOn(known.folder, parsed);
      if (settings.output) {
        await requireOtherFile(settings.output.path, file.path);
        await requireFreeName(settings.output.path, settings.output);
      }
      const folder = resolve(flags['run-dir'] ?? join(RUNS_FOLDER, settings.name));
      const view = await this.openView(settings);
      const tools = await this.toolsFor(settings, view, toPace(flags), model);
      const opened = await beginRun(folder, settings, tools, { copyInput: file.path !== input });
      try {
        return await this.work(opened, view, workOptions(flags));
      } catch (error) {
        if (!opened.run.state.planned && !this.signal.aborted) await forgetRun(folder);
        throw error;
      }
    } finally {
      await file.remove();
    }
  }

  private async prepare(
    { flags, metadata }: Parsed,
    path: string,
  ): Promise<{ settings: RunSettings; model: Awaited<ReturnType<typeof loadResponseModel>> | undefined }> {
    const { session, model } = this.chooseProvider({
      provider: flags.provider,
      model: isExplicit(metadata, 'model') ? flags.model : undefined,
    });
    session.require('create');
    session.require('results');
    const { id, name, defaultModel } = session.declaration;
    const asked = model ?? defaultModel;
    if (asked === undefined)
      throw new InstructorError('usage', `${name} has no default model`, {
        hint: `Name one: --model ${id}/MODEL`,
      });
    const reference = flags['response-model'];
    const schema =
      reference === undefined ? undefined : { reference, model: await loadResponseModel(reference) };
    const policy = { ...toPolicy(flags), canary: flags.canary };
    requireRunnable(session.declaration, policy, schema !== undefined);
    const submit = {
      description: flags.description,
      metadata: toRecord(flags.metadata, 'metadata'),
      completionWindow:
        flags['completion-window'] === undefined
          ? undefined
          : { value: flags['completion-window'], explicit: true },
      expiresAfterSeconds:
        flags['expires-after'] === undefined ? undefined : toSeconds(flags['expires-after'], 'expires-after'),
    };
    planSubmit(session.declaration, submit);
    if (!flags['dry-run']) requireCredentials(session.entry, this.env);
    const settings = await prepareRun({
      version: this.config.version,
      name: flags.name,
      ...{ provider: id, model: asked, endpoint: flags.endpoint, submit, policy, schema },
      input: inputOf(flags, path),
      request: {
        maxTokens: settingOf(metadata, 'max-tokens', flags['max-tokens']),
        temperature: settingOf(metadata, 'temperature', readTemperature(flags.temperature)),
        params: toParams(flags.param),
        idKey: isExplicit(metadata, 'id-key') ? flags['id-key'] : undefined,
      },
      skipBadRows: flags['skip-bad-rows'] ?? false,
      limits: {
        maxRequests: flags['max-requests'],
        maxBytes: flags['max-bytes'],
        maxTokensPerBatch: flags['max-tokens-per-batch'],
        maxInFlight: flags['max-in-flight'],
        maxTokensInFlight: flags['max-tokens-in-flight'],
      },
      output: toRunOutput(flags),
      signal: this.signal,
    });
    return { settings, model: schema?.model };
  }

  /** A run that asks the same: the one in the directory that was named, or the newest. */
  private async sameRun(settings: RunSettings, folder: string | undefined): Promise<KnownRun | undefined> {
    const { runs } = await findRuns(folder === undefined ? RUNS_FOLDER : join(resolve(folder), '..'));
    return runs
      .filter((run) => run.settings.fingerprint === settings.fingerprint)
      .filter((run) => folder === undefined || resolve(run.folder) === resolve(folder))
      .at(-1);
  }

  /** Sending the same a second time has to be wanted. */
  private async takesUp(
    known: KnownRun,
    { yes, name }: { yes: boolean; name: string | undefined },
  ): Promise<boolean> {
    const status = statusOf(known.state);
    const place = this.shown(resolve(known.folder));
    if (name !== undefined && name !== known.settings.name)
      throw new InstructorError('usage', `The run ${place} asks the same, and is ${status}`, {
        hint: `Go on with it: ${this.resumeCommand(resolve(known.folder))}; or ask all of it again: --new`,
      });
    if (yes) {
      note(`The run ${place} asks the same, and is ${status}: going on with it (--new asks all of it again)`);
      return true;
    }
    return await isAgreed(`The run ${place} asks the same, and is ${status}. Go on with it?`, this.signal, {
      nobody: `The run ${place} asks the same, and is ${status}`,
      hint: `Go on with it: ${this.resumeCommand(resolve(known.folder))}; or ask all of it again: --new`,
      byDefault: true,
    });
  }
}

function inputOf(flags: Parsed['flags'], path: string): PrepareOptions['input'] {
  const messages = flags['messages-file'];
  if (messages !== undefined)
    return { path, name: messages === '-' ? 'standard input' : messages, kind: 'messages' };
  const { path: _path, name, ...table } = toTableInput(flags);
  return { path, name, kind: 'table', table };
}

function workOptions(flags: Parsed['flags']): WorkOptions {
  return {
    yes: flags.yes ?? false,
    detach: flags.detach ?? false,
    dryRun: flags['dry-run'] ?? false,
    notify: flags.notify,
    webhook: flags.webhook,
    bell: flags.bell,
  };
}
