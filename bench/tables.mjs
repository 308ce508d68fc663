// What a million rows of a table take on their way in and out: seconds, rows a second and the peak of memory.
// node bench/tables.mjs [--rows 1000000] [--only create,join] [--answer-bytes 1400]
import { spawn } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { shuffledWithin, writeResults, writeTable } from './support/inputs.mjs';
import { benchEnv, benchFolder, measure, printTable } from './support/run.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    only: { type: 'string', default: 'create,join' },
    'answer-bytes': { type: 'string', default: '1400' },
  },
});
const rows = Number(values.rows);
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/run.js');
const folder = benchFolder();
const file = (name) => join(folder.path, name);
const table = [];

try {
  await writeTable(file('rows.csv'), rows, 250, 'csv');
  await writeTable(file('rows.jsonl'), rows, 250, 'jsonl');
  if (values.only.includes('create')) {
    for (const input of ['rows.csv', 'rows.jsonl']) await create(input);
  }
  if (values.only.includes('join')) await joins();
  console.log(`\nTables of ${rows.toLocaleString('en')} rows. Node ${process.version}\n`);
  printTable(['work', 'MB in', 'seconds', 'rows/s', 'peak MB'], table);
} finally {
  folder.remove();
}

async function create(input) {
  const args = [bin, 'batch', 'create', '--input', file(input), '--prompt', 'Classify: {{ text }}'];
  await timed(`create --input ${input}`, statSync(file(input)).size, [
    ...args,
    ...[
      '--id-column',
      'id',
      '--model',
      'openai/gpt-4o-mini',
      '--output-file',
      file('requests.jsonl'),
      '--force',
    ],
  ]);
}

async function joins() {
  const answers = file('answers.jsonl');
  await writeResults(answers, rows, shuffledWithin(rows, rows), Number(values['answer-bytes']));
  await measure(
    process.execPath,
    [
      ...[
        bin,
        'batch',
        'create',
        '--input',
        file('rows.jsonl'),
        '--prompt',
        '{{ text }}',
        '--id-column',
        'id',
      ],
      ...['--output-file', file('requests.jsonl'), '--force'],
    ],
    { env: benchEnv(folder.path, { OPENAI_API_KEY: 'bench' }), cwd: folder.path },
  );
  const service = await startService(answers);
  try {
    for (const output of ['out.csv', 'out.jsonl', 'out.parquet']) {
      await timed(
        `results --join rows.csv, any order, to ${output}`,
        statSync(answers).size + statSync(file('rows.csv')).size,
        [
          ...[
            bin,
            'batch',
            'results',
            '--batch-id',
            'batch_bench',
            '--join',
            file('rows.csv'),
            '--id-column',
            'id',
          ],
          ...['--response-model', `${join(root, 'bench/support/label.mjs')}#Label`],
          ...['--output-file', file(output), '--force'],
        ],
        { OPENAI_BASE_URL: service.url },
      );
      rmSync(file(output));
    }
  } finally {
    service.stop();
  }
}

async function timed(work, bytes, args, env = {}) {
  const { milliseconds, megabytes } = await measure(process.execPath, args, {
    env: benchEnv(folder.path, { OPENAI_API_KEY: 'bench', ...env }),
    cwd: folder.path,
  });
  const seconds = milliseconds / 1000;
  const row = [
    work,
    (bytes / 1e6).toFixed(0),
    seconds.toFixed(1),
    Math.round(rows / seconds).toLocaleString('en'),
    megabytes.toFixed(0),
  ];
  console.error(row.join('  '));
  table.push(row);
}

async function startService(answers) {
  const env = {
    PATH: process.env.PATH,
    RESULTS: answers,
    REQUESTS: file('requests.jsonl'),
    ROWS: String(rows),
  };
  const service = spawn(process.execPath, [join(root, 'bench/support/service.mjs')], { env });
  const port = await new Promise((resolve) =>
    service.stdout.once('data', (text) => resolve(String(text).trim())),
  );
  return { url: `http://127.0.0.1:${port}/v1`, stop: () => service.kill() };
}
