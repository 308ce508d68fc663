import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { Batch, BatchStatus, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { BATCH_STATUSES, hasEnded } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { renderLists } from '../../src/ui/batch-lists.js';
import { renderBatchTable, type BatchTableOptions } from '../../src/ui/batch-table.js';
import { formatTime } from '../../src/ui/format.js';
import { makeBatch } from '../core/support/fake-provider.js';
import { ROOT } from '../support/run-instructor.js';
import { declarationOf } from './support/declarations.js';
import { streamOf, withoutTerminalSettings } from './support/terminal-of.js';

const openai = declarationOf('openai');
const anthropic = declarationOf('anthropic');
const NOW = new Date(2026, 10, 22, 12, 0, 0);
const MINUTE = 60_000;

const IDS: Record<string, string> = {
  openai: 'batch_69206e1c8d1c8190b2cc4a0e5d7f33aa',
  anthropic: 'msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d',
};

function batchOf(provider: ProviderDeclaration, status: BatchStatus, index: number): Batch {
  const created = new Date(NOW.getTime() - (index + 1) * 47 * MINUTE);
  const ended = hasEnded(status) ? new Date(created.getTime() + 1439 * MINUTE) : undefined;
  return makeBatch({
    id: `${IDS[provider.id] ?? ''}`.slice(0, -1) + String(index),
    status,
    rawStatus: status,
    times: status === 'pending' ? { created } : { created, started: created, ended },
    counts: Object.fromEntries(provider.counts.map((name, at) => [name, 50_000 - at])),
    requests: { total: 50_000, succeeded: 49_999, failed: 1 },
  });
}

function optionsFor(provider: ProviderDeclaration, rest: Partial<BatchTableOptions> = {}): BatchTableOptions {
  return {
    title: `${provider.name} Batch Jobs`,
    rows: BATCH_STATUSES.map((status, index) => ({ provider, batch: batchOf(provider, status, index) })),
    counts: provider.counts,
    now: NOW,
    ...rest,
  };
}

async function linesAt(columns: number | undefined, options: BatchTableOptions): Promise<string[]> {
  const table = await renderBatchTable({ ...options, stream: streamOf(columns) });
  return stripVTControlCharacters(table).split('\n');
}

function cellsOf(line: string | undefined): string[] {
  return (line ?? '')
    .split(/[│┃]/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('the table of batches', () => {
  withoutTerminalSettings();

  for (const provider of [openai, anthropic]) {
    describe(provider.name, () => {
      for (const columns of [80, 100, 120, 160, 200]) {
        it(`fits ${columns} columns, every line as long as the others`, async () => {
          const [title, ...lines] = await linesAt(columns, optionsFor(provider));
          expect(title?.trim()).to.equal(`${provider.name} Batch Jobs`);
          for (const line of lines) expect(line.length, line).to.be.at.most(columns);
          expect(new Set(lines.map(({ length }) => length)).size).to.equal(1);
        });
      }

      it('can be drawn at 60 columns, though it may not fit', async () => {
        const lines = await linesAt(60, optionsFor(provider));
        expect(lines.join('\n')).to.contain('...').and.contain('processing');
      });

      it('cuts ids with three dots when it is narrow, and keeps them otherwise', async () => {
        const narrow = cellsOf((await linesAt(80, optionsFor(provider)))[4]);
        expect(narrow[0]).to.match(/^\w{8,}\.\.\.$/);
        expect(IDS[provider.id]?.startsWith(narrow[0]?.slice(0, -3) ?? 'x')).to.equal(true);
        for (const columns of [160, undefined]) {
          const wide = cellsOf((await linesAt(columns, optionsFor(provider)))[4]);
          expect(wide[0]).to.have.length(IDS[provider.id]?.length ?? 0);
        }
      });

      it('never cuts an id if that is not wanted', async () => {
        const lines = await linesAt(80, optionsFor(provider, { fullId: true }));
        expect(lines.join('\n')).to.contain(`${IDS[provider.id]?.slice(0, -1)}0`);
      });

      it('has the columns of the provider', async () => {
        const lines = await linesAt(undefined, optionsFor(provider));
        const counts = {
          openai: ['Completed', 'Failed', 'Total'],
          anthropic: ['Succeeded', 'Errored', 'Processing'],
        };
        expect(cellsOf(lines[2])).to.deep.equal([
          'Batch ID',
          'Status',
          'Created',
          'Started',
          'Duration',
          ...counts[provider.id as keyof typeof counts],
        ]);
        expect(cellsOf(lines[4]).slice(-3)).to.deep.equal(['50000', '49999', '49998']);
      });
    });
  }

  it('has a heavy rule around its head', async () => {
    const lines = await linesAt(undefined, optionsFor(openai));
    expect(lines[1]).to.match(/^┏━+(┳━+)+┓$/);
    expect(lines[2]).to.match(/^┃.*┃$/);
    expect(lines[3]).to.match(/^┡━+(╇━+)+┩$/);
    expect(lines.at(-1)).to.match(/^└─+(┴─+)+┘$/);
  });

  it('tells times in local time, and N/A where they are unknown', async () => {
    const batch = batchOf(openai, 'completed', 0);
    const rows = [
      { provider: openai, batch },
      { provider: openai, batch: makeBatch({ id: 'b', status: 'pending', rawStatus: 'x' }) },
    ];
    const lines = await linesAt(undefined, optionsFor(openai, { rows }));
    const time = formatTime(batch.times.created);
    expect(cellsOf(lines[4])).to.deep.equal([
      batch.id,
      'completed',
      time,
      time,
      '23h 59m',
      '50000',
      '49999',
      '49998',
    ]);
    expect(cellsOf(lines[5])).to.deep.equal(['b', 'pending', 'N/A', 'N/A', 'N/A', '-', '-', '-']);
  });

  it('counts the time of a batch that runs until now', async () => {
    const started = new Date(NOW.getTime() - 90 * MINUTE);
    const batch = makeBatch({ status: 'processing', times: { started } });
    const lines = await linesAt(undefined, optionsFor(openai, { rows: [{ provider: openai, batch }] }));
    expect(cellsOf(lines[4])[4]).to.equal('1h 30m');
  });

  it('does not make up a duration of a batch that ended nobody knows when', async () => {
    const batch = makeBatch({ status: 'failed', times: { started: NOW } });
    const lines = await linesAt(undefined, optionsFor(openai, { rows: [{ provider: openai, batch }] }));
    expect(cellsOf(lines[4])[4]).to.equal('N/A');
  });

  for (const columns of [80, 100]) {
    it(`fits ${columns} columns with a status that is long and unknown`, async () => {
      const rawStatus = 'waiting_for_a_second_human_review_of_everything';
      const batch = { ...batchOf(anthropic, 'processing', 0), rawStatus, unknownStatus: true };
      const rows = [{ provider: anthropic, batch }];
      const lines = await linesAt(columns, optionsFor(anthropic, { rows }));
      for (const line of lines) expect(line.length, line).to.be.at.most(columns);
      expect(lines.join('\n')).to.contain('waiting');
    });
  }

  it('shows a status that is unknown with a question mark', async () => {
    const batch = makeBatch({ rawStatus: 'paused', unknownStatus: true });
    const lines = await linesAt(undefined, optionsFor(openai, { rows: [{ provider: openai, batch }] }));
    expect(cellsOf(lines[4])[1]).to.equal('paused?');
  });

  it('makes control characters in ids harmless', async () => {
    const batch = makeBatch({ id: 'b\u001B[31m\u202Ex' });
    const table = await renderBatchTable({
      ...optionsFor(openai, { rows: [{ provider: openai, batch }] }),
      stream: streamOf(),
    });
    expect(table).to.contain('b\\x1b[31m\\u202ex');
  });

  it('paints the status on a terminal only', async () => {
    const paintedAt = async (columns?: number): Promise<string> =>
      await renderBatchTable({ ...optionsFor(openai), stream: streamOf(columns) });
    expect(await paintedAt(200)).to.contain('\u001B[32mcompleted');
    expect(await paintedAt()).not.to.contain('\u001B');
    process.env['NO_COLOR'] = '1';
    expect(await paintedAt(200)).not.to.contain('\u001B');
  });

  it('follows the time zone of the machine', () => {
    const program = `
      const { formatTime, formatMoment } = await import('./src/ui/format.ts');
      const date = new Date(Date.UTC(2026, 10, 22, 23, 30, 9));
      console.log(formatTime(date) + ' ' + formatMoment(date));
    `;
    const shown = (zone: string): string =>
      spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        cwd: ROOT,
        encoding: 'utf8',
        env: { ...process.env, TZ: zone },
      }).stdout.trim();
    expect(shown('UTC')).to.equal('11/22 23:30 2026-11-22 23:30:09');
    expect(shown('Asia/Tokyo')).to.equal('11/23 08:30 2026-11-23 08:30:09');
  });
});

describe('the tables of several providers', () => {
  withoutTerminalSettings();
  const lists = [openai, anthropic].map((provider) => ({
    provider,
    batches: [0, 1, 2].map((index) =>
      batchOf(provider, 'completed', index * 2 + (provider === openai ? 0 : 1)),
    ),
  }));

  async function merged(columns?: number, limit = 10): Promise<string[]> {
    const text = await renderLists(lists, { merged: true, limit, stream: streamOf(columns) });
    return stripVTControlCharacters(text).split('\n');
  }

  it('are one, the newest first, with the counts that all have', async () => {
    const lines = await merged();
    expect(lines[0]?.trim()).to.equal('Batch Jobs');
    expect(cellsOf(lines[2])).to.deep.equal([
      'Batch ID',
      'Provider',
      'Status',
      'Created',
      'Started',
      'Duration',
      'Succeeded',
      'Failed',
      'Total',
    ]);
    expect(lines.slice(4, -1).map((line) => cellsOf(line)[1])).to.deep.equal([
      'OpenAI',
      'Anthropic',
      'OpenAI',
      'Anthropic',
      'OpenAI',
      'Anthropic',
    ]);
    expect(cellsOf(lines[4]).slice(-3)).to.deep.equal(['49999', '1', '50000']);
  });

  for (const columns of [80, 100, 120, 160]) {
    it(`fit ${columns} columns`, async () => {
      for (const line of await merged(columns)) expect(line.length, line).to.be.at.most(columns);
    });
  }

  it('fit 80 columns with every status and a provider of a long name', async () => {
    const long = { ...openai, name: 'A Rather Long Name Inc.' };
    const all = BATCH_STATUSES.map((status, index) => ({
      provider: long,
      batches: [batchOf(openai, status, index)],
    }));
    const text = await renderLists(all, { merged: true, limit: 10, stream: streamOf(80) });
    for (const line of text.split('\n')) {
      expect(stripVTControlCharacters(line).length, line).to.be.at.most(80);
    }
    expect(stripVTControlCharacters(text)).to.contain('cancelling').and.contain('A Rathe...');
  });

  it('hold no more than was asked for', async () => {
    expect((await merged(undefined, 2)).length).to.equal(7);
  });

  it('say that there is nothing', async () => {
    const none = [{ provider: openai, batches: [] }];
    expect(await renderLists(none, { merged: false, limit: 5 })).to.equal('No batches found at OpenAI');
    expect(await renderLists(none, { merged: true, limit: 5 })).to.equal('No batches found');
  });
});
