import { expect } from 'chai';
import type { RunResult } from '../support/run-instructor.js';
import { anthropicBatch, openaiBatch, until } from '../support/batches.js';
import { startWorld, type World } from '../support/world.js';

const ROWS = 50_000;
const LIMIT_MB = 200;

/**
 * Prints the most memory that the program ever held. Not from `process.resourceUsage()`: that number includes what
 * the process held which started this one.
 */
const REPORT = `
  import { readFileSync, writeSync } from 'node:fs';
  process.on('exit', () => writeSync(2, 'peak ' + /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] + ' kB\\n'));
`;

describe('memory stays flat', function () {
  this.timeout(120_000);
  let world: World;

  before(async function () {
    if (process.platform !== 'linux') this.skip();
    world = await startWorld();
    const text = 'Classify this email, please. '.repeat(34);
    const rows: string[] = [];
    for (let at = 0; at < ROWS; at += 1)
      rows.push(`{"messages":[{"role":"user","content":"${at} ${text}"}],"custom_id":"row-${at}"}\n`);
    await world.write('messages.jsonl', rows.join(''));
  });
  after(() => world?.close());

  const measured = async (args: readonly string[]): Promise<RunResult & { megabytes: number }> => {
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(REPORT)}` };
    const result = await world.run(args, { env, timeoutMs: 110_000 });
    expect(result.code, result.stderr).to.equal(0);
    const kilobytes = Number(/^peak (\d+) kB$/m.exec(result.stderr)?.[1]);
    return { ...result, megabytes: kilobytes / 1024 };
  };

  it(`create, create-from-file and results of ${ROWS} rows of 1 KB stay below ${LIMIT_MB} MB`, async () => {
    const create = async (provider: string, model: string) =>
      await measured([
        'batch', 'create', '--messages-file', 'messages.jsonl', '--output-file', `${provider}.jsonl`, '--model', `${provider}/${model}`,
      ]); // prettier-ignore
    const submit = async (provider: string) =>
      await measured([
        'batch',
        'create-from-file',
        '--file-path',
        `${provider}.jsonl`,
        '--provider',
        provider,
      ]);
    const peaks: Record<string, number> = {};

    const [openai, anthropic] = await Promise.all([
      create('openai', 'gpt-4o-mini'),
      create('anthropic', 'claude-haiku-4-5'),
    ]);
    peaks['create (OpenAI)'] = openai.megabytes;
    peaks['create (Anthropic)'] = anthropic.megabytes;
    const [file, message] = await Promise.all([submit('openai'), submit('anthropic')]);
    peaks['create-from-file (OpenAI)'] = file.megabytes;
    peaks['create-from-file (Anthropic)'] = message.megabytes;
    const [id = '', other = ''] = [file, message].map(({ stdout }) => stdout.split('\n')[0]);
    await until(async () => (await openaiBatch(world, id))['status'] === 'completed', 60_000);
    await until(async () => (await anthropicBatch(world, other))['processing_status'] === 'ended', 60_000);
    const [ordered, unordered] = await Promise.all([
      measured(['batch', 'results', id, '--output-file', 'results.jsonl']),
      measured(['batch', 'results', other, '--output-file', 'results.csv']),
    ]);
    peaks['results in order (OpenAI)'] = ordered.megabytes;
    peaks['results as they come (Anthropic)'] = unordered.megabytes;

    expect(ordered.stderr).to.match(/50,000 rows: 50,000 succeeded/);
    expect(unordered.stderr).to.match(/50,000 rows: 50,000 succeeded/);
    const measurements = JSON.stringify(peaks, (_key, value: unknown) =>
      typeof value === 'number' ? Math.round(value) : value,
    );
    for (const peak of Object.values(peaks)) expect(peak, measurements).to.be.below(LIMIT_MB);
    if (process.env['SHOW_PEAKS']) console.log(measurements);
  });
});
