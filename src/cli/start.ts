import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Interfaces from '@oclif/core/interfaces';
import { Config } from '@oclif/core/config';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { describeFailure, failureToJson } from './describe-failure.js';
import { describeFileError } from '../failure/file-error.js';
import { showProviders } from './show-providers.js';
import { warn } from '../ui/notes.js';
import { printFailure } from '../ui/failure.js';
import { writeOut } from '../ui/terminal.js';
import { refuseUnknownCommand } from './unknown-command.js';

/** Runs the command line of the package in `root` and leaves the exit code behind. `commands`: where they are, if elsewhere. */
export async function start(
  argv: string[],
  root: string,
  commands?: Interfaces.PJSON['oclif']['commands'],
): Promise<void> {
  // A linked plugin is run as it is built, never from its sources.
  settings.enableAutoTranspile = false;
  // Before the listener of oclif, which would end the program with a stack.
  process.stdout.prependListener('error', onOutputError);
  process.stderr.prependListener('error', onOutputError);
  // What Node and oclif warn about is one line here, like every warning.
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => warn(message.split('\n')[0] ?? message));
  try {
    const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Interfaces.PJSON;
    if (commands) pjson.oclif.commands = commands;
    const config = await Config.load({ root, pjson, ...(process.env['DEBUG'] ? {} : { logger: SILENT }) });
    showProviders(config, argv);
    refuseUnknownCommand(config, argv);
    await run(argv, config);
  } catch (error) {
    process.exitCode = exitCodeOf(error, argv.includes('--json'));
  }
}

const ignore = (): void => undefined;

/** oclif would load a library to find out that nobody wants to read its log. */
const SILENT: Interfaces.Logger = {
  namespace: 'oclif',
  child: () => SILENT,
  debug: ignore,
  error: ignore,
  info: ignore,
  trace: ignore,
  warn: ignore,
};

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
