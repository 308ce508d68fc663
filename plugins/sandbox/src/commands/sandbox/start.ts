import { Command, Flags } from '@oclif/core';
import { exportLines } from '../../cli/export-lines.js';
import { installedProviders } from '../../cli/installed-providers.js';
import { optionsFrom, sandboxFlags } from '../../cli/sandbox-flags.js';
import { UnusableDataDir } from '../../service/unusable-data-dir.js';

export default class SandboxStart extends Command {
  static override summary = 'Start a local batch service to try everything against, free of charge.';

  static override description = `The service speaks the protocols of OpenAI and Anthropic and makes up its answers. They fit the schema of each request, if it has one.

It runs until Ctrl-C and keeps nothing afterwards, unless it is given a folder for it. The lines that it prints send the installed providers to it, from any terminal that they are pasted into.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'On a fixed port, ten times as fast, with one row in ten failing',
      command: '<%= config.bin %> <%= command.id %> --port 4010 --speed 10 --error-rate 0.1',
    },
    {
      description: 'In the background, for a script',
      command: '<%= config.bin %> <%= command.id %> --json > sandbox.json &',
    },
  ];

  static override flags = {
    port: Flags.integer({
      min: 0,
      max: 65_535,
      default: 0,
      summary: 'The port to listen on; 0 takes a free one.',
    }),
    ...sandboxFlags,
    json: Flags.boolean({ summary: 'Print the address and the variables as one JSON document.' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxStart);
    const { startSandbox } = await import('../../start-sandbox.js');
    const sandbox = await startSandbox({ port: flags.port, ...optionsFrom(flags) }).catch(
      (error: unknown) => {
        if (error instanceof UnusableDataDir) this.error(error.message, { exit: 1 });
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        this.error(`Port ${flags.port} is taken.`, {
          exit: 1,
          suggestions: ['Choose another one, or none.'],
        });
      },
    );
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    });
    const env = sandbox.env(installedProviders(this.config));
    if (flags.json) {
      this.log(JSON.stringify({ url: sandbox.url, env }));
    } else {
      this.log(`# The sandbox listens on ${sandbox.url}`);
      for (const line of exportLines(env)) this.log(line);
      this.logToStderr('Press Ctrl-C to stop it.');
    }
    await stopped;
    await sandbox.close();
  }
}
