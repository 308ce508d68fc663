import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { InstructorError } from '../failure/instructor-error.js';
import { chooseProvider, type ProviderHints } from '../registry/choose-provider.js';
import { ProviderRegistry, type ProviderEntry } from '../registry/provider-registry.js';
import { ProviderSession } from '../core/session.js';
import { describeFailure, failureToJson } from './describe-failure.js';
import { interruptible, type Interruption } from './interruption.js';
import { readEnvFile } from './env-file.js';
import { postponeOptimising } from './quick-exit.js';
import { pluginSources } from './plugin-sources.js';
import { note, warn } from '../ui/notes.js';
import { printFailure } from '../ui/failure.js';
import { writeOut } from '../ui/terminal.js';

/** What the flags and arguments of a command can say about the provider. */
export interface ProviderFlags {
  provider?: string;
  model?: string;
  batchId?: string;
  useAnthropic?: boolean;
}

/** What all commands share: providers, interruption, errors and their exit codes. */
export abstract class InstructorCommand extends Command {
  static override enableJsonFlag = true;

  static override baseFlags = {
    // Not `env-file`: Node 20 takes that word for its own wherever it stands.
    dotenv: Flags.string({
      summary: 'Read keys and settings from this file too',
      helpValue: 'FILE',
      helpGroup: 'GLOBAL',
    }),
    color: Flags.boolean({ summary: 'Colours in the output', allowNo: true, helpGroup: 'GLOBAL' }),
    debug: Flags.boolean({ summary: 'Show where an error comes from', helpGroup: 'GLOBAL' }),
  };

  /** The environment, with what `--dotenv` adds to it. */
  protected env: Record<string, string | undefined> = process.env;
  /** Set by a command that prints a JSON document a line: an error is then one more line, and Ctrl-C none. */
  protected streamsJson = false;
  private interruption: Interruption | undefined;
  private known: ProviderRegistry | undefined;

  /** Ends with Ctrl-C: pass it to everything that takes time. */
  protected get signal(): AbortSignal {
    this.interruption ??= interruptible();
    return this.interruption.signal;
  }

  override async init(): Promise<void> {
    await super.init();
    const { argv } = this;
    if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1';
    if (argv.includes('--color') && !process.env['FORCE_COLOR']) process.env['FORCE_COLOR'] = '1';
    const at = argv.findIndex((word) => word === '--dotenv' || word.startsWith('--dotenv='));
    const file = argv[at]?.includes('=') ? argv[at].slice('--dotenv='.length) : argv[at + 1];
    if (at !== -1 && file !== undefined) this.env = { ...readEnvFile(file), ...process.env };
    this.interruption ??= interruptible();
  }

  /** All providers that are installed. Plugins that had to be left out are named once. */
  protected get registry(): ProviderRegistry {
    if (!this.known) {
      this.known = new ProviderRegistry(pluginSources(this.config));
      for (const warning of this.known.warnings) warn(warning);
    }
    return this.known;
  }

  /** The provider that is meant, and the model if one was named. */
  protected chooseProvider(flags: ProviderFlags): { session: ProviderSession; model: string | undefined } {
    const hints: ProviderHints = {
      provider: this.legacyProvider(flags),
      model: flags.model,
      batchId: flags.batchId,
      configured: this.env['INSTRUCTOR_PROVIDER'] || undefined,
    };
    const { entry, model } = chooseProvider(this.registry, hints);
    return { session: this.openSession(entry), model };
  }

  /** Attempts at the same requests are all with one provider. */
  protected chooseForAll(
    batchIds: readonly string[],
    flags: ProviderFlags,
  ): ReturnType<typeof this.chooseProvider> {
    const [first, ...others] = batchIds.map((batchId) => this.chooseProvider({ ...flags, batchId }));
    const [id, otherId] = [first, ...others].map((choice) => choice?.session.declaration.id);
    if (first && others.every(({ session }) => session.declaration.id === id)) return first;
    throw new InstructorError('usage', `The batches are of different providers: ${id} and ${otherId}`, {
      hint: 'Get the results of each provider by themselves',
    });
  }

  protected openSession(entry: ProviderEntry): ProviderSession {
    return new ProviderSession(entry, {
      env: this.env,
      onConnecting: postponeOptimising,
      userAgent: `${this.config.name}/${this.config.version}`,
      onRetry: ({ reason, delayMs }) => note(`${reason}; trying again in ${(delayMs / 1000).toFixed(1)} s`),
    });
  }

  /** `--use-anthropic` came before `--provider`. It works, and says what replaces it. */
  private legacyProvider({ provider, useAnthropic }: ProviderFlags): string | undefined {
    if (useAnthropic === undefined) return provider;
    const flag = useAnthropic ? '--use-anthropic' : '--no-use-anthropic';
    const replacement = useAnthropic
      ? '--provider anthropic (or --model anthropic/MODEL)'
      : '--provider openai';
    warn(`${flag} is deprecated: use ${replacement}`);
    if (!useAnthropic) return provider;
    if (provider !== undefined && provider !== 'anthropic') {
      throw new InstructorError('usage', `${flag} contradicts --provider ${provider}`, {
        hint: 'Leave one of them out',
      });
    }
    return 'anthropic';
  }

  override async catch(error: Error): Promise<void> {
    const debug = this.argv.includes('--debug') || Boolean(process.env['DEBUG']);
    if (this.interruption?.closedPipe) return;
    const failure = describeFailure(
      this.interruption?.signal.aborted ? this.interruption.signal.reason : error,
      {
        debug,
        bin: this.config.bin,
        command: this.id?.replaceAll(':', ' '),
      },
    );
    if (this.interruption?.exitCode !== undefined) failure.exitCode = this.interruption.exitCode;
    printFailure(failure);
    if (this.jsonEnabled() && !(this.streamsJson && failure.code === 'interrupted')) {
      writeOut(JSON.stringify(failureToJson(failure), undefined, this.streamsJson ? 0 : 2));
    }
    // Everything is said; what goes on from here is only the exit code.
    throw Object.assign(error, { oclif: { exit: failure.exitCode }, skipOclifErrorHandling: true });
  }

  override async finally(error: Error | undefined): Promise<void> {
    this.interruption?.release();
    await super.finally(error);
  }

  override logJson(json: unknown): void {
    writeOut(JSON.stringify(json, undefined, 2));
  }
}
