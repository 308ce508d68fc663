import { Command } from '@oclif/core';
import { childEnvironment } from '../../cli/child-environment.js';
import { installedProviders } from '../../cli/installed-providers.js';
import { CommandNotStarted, runChild } from '../../cli/run-child.js';
import { optionsFrom, sandboxFlags } from '../../cli/sandbox-flags.js';
import { UnusableDataDir } from '../../service/unusable-data-dir.js';

export default class SandboxExec extends Command {
  static override summary = 'Run a command against a local batch service of its own.';

  static override description = `Starts the service on a free port, runs the command with the addresses and keys of the installed providers set to it, and stops it afterwards. Exits with the exit code of the command.`;

  static override usage = '<%= command.id %> [FLAGS] -- COMMAND [ARGS...]';

  static override examples = [
    '<%= config.bin %> <%= command.id %> -- <%= config.bin %> batch list',
    {
      description: 'See how a script copes when half of the rows expire',
      command: '<%= config.bin %> <%= command.id %> --end-as expired -- ./nightly.sh "two words"',
    },
  ];

  static override strict = false;

  static override flags = sandboxFlags;

  async run(): Promise<void> {
    // Split here and not by the parser, so that the words of the command reach it as they are.
    const separator = this.argv.indexOf('--');
    const ours = separator === -1 ? this.argv : this.argv.slice(0, separator);
    const [command, ...words] = separator === -1 ? [] : this.argv.slice(separator + 1);
    const { flags, argv: stray } = await this.parse(SandboxExec, ours);
    if (command === undefined || stray.length > 0) {
      const attempt = stray.length > 0 ? stray.join(' ') : 'COMMAND';
      this.error('Name the command to run after --', {
        exit: 2,
        suggestions: [`${this.config.bin} sandbox exec -- ${attempt}`],
      });
    }

    const { startSandbox } = await import('../../start-sandbox.js');
    const sandbox = await startSandbox(optionsFrom(flags)).catch((error: unknown) => {
      if (error instanceof UnusableDataDir) this.error(error.message, { exit: 1 });
      throw error;
    });
    const providers = installedProviders(this.config);
    let exitCode: number;
    try {
      const environment = childEnvironment(process.env, sandbox.env(providers), providers);
      exitCode = await runChild(command, words, environment);
    } catch (error) {
      if (error instanceof CommandNotStarted) this.error(error.message, { exit: error.exitCode });
      throw error;
    } finally {
      await sandbox.close();
    }
    if (exitCode !== 0) this.exit(exitCode);
  }
}
