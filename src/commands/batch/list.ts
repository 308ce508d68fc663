import { BATCH_STATUSES, type Batch, type BatchStatus } from '@instructor-cli/provider-kit';
import * as Flags from '@oclif/core/flags';
import { InstructorCommand } from '../../cli/base-command.js';
import { toMoment } from '../../cli/duration.js';
import { pairFlag, providerFlag, secondsFlag, toRecord, useAnthropicFlag } from '../../cli/flags.js';
import { listEverywhere, type ListedBatches } from '../../core/list-everywhere.js';
import { batchToJson } from '../../ui/json.js';
import { renderLists } from '../../ui/batch-lists.js';
import { watchList } from '../../ui/watch-list.js';
import { warn } from '../../ui/notes.js';
import { writeOut } from '../../ui/terminal.js';

export default class BatchList extends InstructorCommand {
  static override summary = 'See all existing batch jobs';

  static override description =
    'The newest batches first, over as many pages as needed. With --live the table is kept up to date until Ctrl-C; on a pipe it is printed again whenever something changed.';

  static override examples = [
    '<%= config.bin %> <%= command.id %> --provider anthropic --limit 3',
    '<%= config.bin %> <%= command.id %> --all-providers --status processing --since 2d',
    '<%= config.bin %> <%= command.id %> --live --poll 5',
  ];

  static override flags = {
    limit: Flags.integer({ summary: 'Total number of batch jobs to show', default: 10, min: 1 }),
    poll: secondsFlag({ summary: 'Time in seconds to wait for the batch job to complete', default: 10 }),
    screen: Flags.boolean({ summary: 'Enable or disable screen output', default: false, allowNo: true }),
    live: Flags.boolean({
      summary: 'Enable live polling to continuously update the table',
      default: false,
      allowNo: true,
    }),
    provider: providerFlag,
    'use-anthropic': useAnthropicFlag,
    'all-providers': Flags.boolean({
      summary: 'Ask every provider that has a key',
      exclusive: ['provider', 'use-anthropic'],
    }),
    status: Flags.string({
      summary: 'Only batches in this status; may be given several times',
      options: [...BATCH_STATUSES],
      multiple: true,
      multipleNonGreedy: true,
    }),
    since: Flags.string({
      summary: 'Only batches created since then, such as 2h, 7d or 2026-11-22',
      helpValue: 'TIME',
    }),
    metadata: pairFlag({
      summary: 'Only batches with this metadata; may be given several times',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'full-id': Flags.boolean({ summary: 'Never shorten an id' }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(BatchList);
    const sessions = flags['all-providers']
      ? this.registry.entries.map((entry) => this.openSession(entry))
      : [this.chooseProvider({ provider: flags.provider, useAnthropic: flags['use-anthropic'] }).session];
    const load = async (): Promise<ListedBatches[]> =>
      await listEverywhere(sessions, {
        limit: flags.limit,
        statuses: flags.status as BatchStatus[] | undefined,
        since: flags.since === undefined ? undefined : toMoment(flags.since, 'since'),
        metadata: toRecord(flags.metadata, 'metadata'),
        signal: this.signal,
        all: flags['all-providers'],
      });
    const render = { merged: flags['all-providers'], limit: flags.limit, fullId: flags['full-id'] };
    if (flags.live || flags.screen) {
      this.streamsJson = true;
      const toJson = this.jsonEnabled()
        ? (lists: ListedBatches[]) => ({ batches: toRecords(lists, flags.limit) })
        : undefined;
      await watchList({
        load,
        render,
        toJson,
        pollSeconds: flags.poll,
        screen: flags.screen,
        signal: this.signal,
      });
      return undefined;
    }
    const lists = await load();
    for (const { problem } of lists) if (problem) warn(problem);
    if (!this.jsonEnabled()) writeOut(await renderLists(lists, render));
    return { batches: toRecords(lists, flags.limit) };
  }
}

function toRecords(lists: ListedBatches[], limit: number): Record<string, unknown>[] {
  return lists
    .flatMap(({ provider, batches }) => batches.map((batch) => ({ provider, batch })))
    .sort((a, b) => createdAt(b.batch) - createdAt(a.batch))
    .slice(0, limit)
    .map(({ provider, batch }) => batchToJson(provider.id, batch));
}

function createdAt({ times }: Batch): number {
  return times.created?.getTime() ?? 0;
}
