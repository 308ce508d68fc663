import { fileURLToPath } from 'node:url';
import { Config, run, settings } from '@oclif/core';
import { describeFailure } from './describe-failure.js';
import { showProviders } from './show-providers.js';
import { printFailure } from '../ui/failure.js';

/** Runs the command line and leaves the exit code behind. */
export async function start(argv: string[], dir: string): Promise<void> {
  // A linked plugin is run as it is built, never from its sources.
  settings.enableAutoTranspile = false;
  process.stdout.on('error', ignoreClosedPipe);
  process.stderr.on('error', ignoreClosedPipe);
  try {
    const config = await Config.load(fileURLToPath(dir));
    showProviders(config, argv);
    await run(argv, config);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  const { oclif, skipOclifErrorHandling, code } = error as {
    oclif?: { exit?: number };
    skipOclifErrorHandling?: boolean;
    code?: string;
  };
  if (skipOclifErrorHandling || code === 'EEXIT') return oclif?.exit ?? 0;
  const failure = describeFailure(error, { debug: Boolean(process.env['DEBUG']) });
  printFailure(failure);
  return failure.exitCode;
}

/** Whoever read the output has left, as after `| head`. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
