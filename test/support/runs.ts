import { until } from './batches.js';
import type { RunResult } from './run-instructor.js';
import { linesOf, type World } from './world.js';

/** A table of two words, and what is asked of each. */
export const WORDS = 'word\none\ntwo\n';
export const QUESTION = ['--input', 'words.csv', '--prompt', 'Translate {{ word }}'];

/** Begins a run in a folder of its own, as quick as it can be. */
export async function batchRun(
  world: World,
  folder: string,
  ...flags: readonly string[]
): Promise<RunResult> {
  await world.write('words.csv', WORDS);
  return await world.run(quickRun(folder, '0.3', flags));
}

function quickRun(folder: string, settle: string, flags: readonly string[]): string[] {
  const quick = ['--run-dir', folder, '--yes', '--poll', '0.05', '--settle', settle];
  return ['batch', 'run', ...QUESTION, ...quick, ...flags];
}

/**
 * Begins a run whose shards are created without an answer, and ends it with SIGKILL before it can find out. Returns
 * once the list shows the batches.
 */
export async function lostRun(
  world: World,
  folder: string,
  { shards = 1, flags = [] }: { shards?: number; flags?: readonly string[] } = {},
): Promise<void> {
  // The list lags behind, so that the run has to wait for it.
  const lost = { fault: 'create-lost', count: shards } as const;
  world.sandbox.setFaults([lost, { fault: 'stale-list', count: shards, ms: 1000 }]);
  await world.write('words.csv', WORDS);
  await world.run(quickRun(folder, '600', flags), {
    onStart: (child) => {
      void until(async () => (await eventsOf(world, folder, 'lost')).length === shards).then(() =>
        child.kill('SIGKILL'),
      );
    },
  });
  world.sandbox.setFaults([]);
  await new Promise((resolve) => setTimeout(resolve, 1000));
}

/** What the journal of a run says, of one kind. */
export async function eventsOf(
  world: World,
  folder: string,
  event: string,
): Promise<Record<string, unknown>[]> {
  const text = await world.read(`${folder}/journal.jsonl`).catch(() => '');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return linesOf(whole).filter((line) => line['event'] === event);
}

/** The id by which a run is known at the providers. */
export async function runId(world: World, folder: string): Promise<string> {
  return (JSON.parse(await world.read(`${folder}/run.json`)) as { id: string }).id;
}
