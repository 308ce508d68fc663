import { setTimeout as sleep } from 'node:timers/promises';
import { isProviderError } from '@instructor-cli/provider-kit';
import type { ListedBatches } from '../core/list-everywhere.js';
import { renderLists, type RenderListsOptions } from './batch-lists.js';
import { formatMoment } from './format.js';
import { openLiveRegion } from './live-region.js';
import { warn } from './notes.js';
import { paint, writeOut } from './terminal.js';
import { visible } from '../text/visible.js';

export interface WatchListOptions {
  load: () => Promise<ListedBatches[]>;
  render: RenderListsOptions;
  /** Given: a JSON line per change instead of a table. */
  toJson?: (lists: ListedBatches[]) => unknown;
  pollSeconds: number;
  screen: boolean;
  signal: AbortSignal;
}

const PASSING = new Set(['network', 'unavailable', 'rate_limited']);

/** Shows the list anew every few seconds until it is interrupted, and puts the terminal back as it was. */
export async function watchList(options: WatchListOptions): Promise<void> {
  const { load, render, pollSeconds, signal, toJson } = options;
  const region = toJson ? undefined : await openLiveRegion(process.stdout, options.screen);
  let table = '';
  let printed: string | undefined;
  let warned = '';
  try {
    for (;;) {
      let footer = `Updated ${formatMoment(new Date())}, every ${pollSeconds} s. Ctrl-C ends.`;
      try {
        const lists = await load();
        const problems = lists.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
        table = toJson ? JSON.stringify(toJson(lists)) : await renderLists(lists, render);
        if (problems.length > 0) footer = `${visible(problems.join('; '))}. ${footer}`;
        if (!region && problems.join() !== warned) problems.forEach(warn);
        warned = problems.join();
      } catch (error) {
        signal.throwIfAborted();
        if (!isProviderError(error) || !PASSING.has(error.code)) throw error;
        footer = `${visible(error.message)} — trying again in ${pollSeconds} s`;
        if (!region) warn(footer);
      }
      if (region) region.draw(`${table}\n${paint(process.stdout, 'dim', footer)}`);
      else if (table !== '' && stable(table) !== printed) {
        printed = stable(table);
        writeOut(toJson ? table : `${formatMoment(new Date())}\n${table}\n`);
      }
      await sleep(pollSeconds * 1000, undefined, { signal });
    }
  } finally {
    region?.stop();
  }
}

/** What counts as a change on a pipe: the running time of a batch is none. */
function stable(table: string): string {
  return table.replace(/\b\d+[smhd]( \d+[hm])?\b/g, '').replace(/ +/g, ' ');
}
