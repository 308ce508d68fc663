import type { Config } from '@oclif/core/config';
import { normalizeArgv } from '@oclif/core/help';
import { InstructorError } from '../failure/instructor-error.js';
import { nearestNames } from '../failure/nearest-names.js';

/**
 * Refuses words that are no command, with the nearest one. On a terminal that is left to plugin-not-found, which asks
 * whether to run that one.
 */
export function refuseUnknownCommand(config: Config, argv: readonly string[]): void {
  const [id] = normalizeArgv(config, [...argv]);
  if (id === undefined || id.startsWith('-') || (config.findCommand(id) ?? config.findTopic(id))) return;
  if (process.stdin.isTTY) return;
  const typed = id.replaceAll(':', ' ');
  const names = [...config.commandIDs, ...config.topics.map(({ name }) => name)].map((name) =>
    name.replaceAll(':', ' '),
  );
  const [nearest] = nearestNames(typed, names, 1);
  throw new InstructorError('usage', `There is no command "${typed}"`, {
    hint: nearest === undefined ? `${config.bin} help` : `${config.bin} ${nearest}`,
  });
}
