import { fileURLToPath } from 'node:url';
import { Config, run, settings } from '@oclif/core';
import { describeFailure, failureToJson } from './describe-failure.js';
import { describeFileError } from '../failure/file-error.js';
import { showProviders } from './show-providers.js';
import { warn } from '../ui/notes.js';
import { printFailure } from '../ui/failure.js';
import { writeOut } from '../ui/terminal.js';
import { refuseUnknownCommand } from './unknown-command.js';

/** Runs the command line and leaves the exit code behind. */
export async function start(argv: string[], dir: string): Promise<void> {
  // A linked plugin is run as it is built, never from its sources.
  settings.enableAutoTranspile = false;
  // Before the listener of oclif, which would end the program with a stack.
  process.stdout.prependListener('error', onOutputError);
  process.stderr.prependListener('error', onOutputError);
  // What Node and oclif warn about is one line here, like every warning.
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => warn(message.split('\n')[0] ?? message));
  try {
    const config = await Config.load(fileURLToPath(dir));
    showProviders(config, argv);
    refuseUnknownCommand(config, argv);
    await run(argv, config);
  } catch (error) {
    process.exitCode = exitCodeOf(error, argv.includes('--json'));
  }
}

function exitCodeOf(error: unknown, json: boolean): number {
  const { oclif, skipOclifErrorHandling, code } = error as {
    oclif?: { exit?: number };
    skipOclifErrorHandling?: boolean;
    code?: string;
  };
  if (skipOclifErrorHandling || code === 'EEXIT') return oclif?.exit ?? 0;
  const failure = describeFailure(error, { debug: Boolean(process.env['DEBUG']) });
  printFailure(failure);
  if (json) writeOut(JSON.stringify(failureToJson(failure), undefined, 2));
  return failure.exitCode;
}

/** Whoever read the output has left, as after `| head`: no error. Else the disk is full or the like. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  const failure = describeFailure(describeFileError(error, 'write', 'to standard output'));
  printFailure(failure);
  process.exit(failure.exitCode);
}
