// A whole run of a million rows against the sandbox: how long the program itself takes, beside the time in which
// batches were with the server, and its peak of memory.
// node bench/runs.mjs [--rows 1000000] [--only openai,anthropic]
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeTable } from './support/inputs.mjs';
import { benchEnv, benchFolder, measure, printTable } from './support/run.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    only: { type: 'string', default: 'openai,anthropic' },
  },
});
const rows = Number(values.rows);
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = benchFolder();
const file = (name) => join(folder.path, name);
const table = [];

const LABEL = {
  title: 'Label',
  type: 'object',
  properties: {
    label: { type: 'string', enum: ['billing', 'other'] },
    reason: { type: 'string' },
  },
  required: ['label', 'reason'],
  additionalProperties: false,
};

try {
  await writeTable(file('rows.csv'), rows, 250, 'csv');
  writeFileSync(file('label.json'), JSON.stringify(LABEL));
  for (const model of ['openai/gpt-4o-mini', 'anthropic/claude-haiku-4-5'])
    if (values.only.includes(model.split('/')[0])) await run(model);
  console.log(`\nbatch run on ${rows.toLocaleString('en')} rows. Node ${process.version}\n`);
  printTable(
    [
      'provider',
      'batches',
      'seconds',
      'with the server',
      'outside of it',
      'planning',
      'writing',
      'MB of requests',
      'peak MB',
    ],
    table,
  );
} finally {
  folder.remove();
}

async function run(model) {
  const sandbox = await startSandbox();
  const [provider] = model.split('/');
  const directory = file(`run-${provider}`);
  const env = benchEnv(folder.path, {
    OPENAI_BASE_URL: sandbox.openaiBaseUrl,
    OPENAI_API_KEY: sandbox.key,
    ANTHROPIC_BASE_URL: sandbox.anthropicBaseUrl,
    ANTHROPIC_API_KEY: sandbox.key,
  });
  try {
    const flags = {
      input: file('rows.csv'),
      prompt: 'Classify: {{ text }}',
      'id-column': 'id',
      'response-model': file('label.json'),
      model,
      output: file(`${provider}.csv`),
      'run-dir': directory,
      poll: '1',
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const { milliseconds, megabytes } = await measure(
      process.execPath,
      [join(root, 'bin/run.js'), 'batch', 'run', ...args, '--yes'],
      { env, cwd: folder.path },
    );
    table.push(summary(provider, directory, milliseconds, megabytes));
  } finally {
    sandbox.child.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Reads off the journal when something was on its way to the server, there, or on its way back. */
function summary(provider, directory, milliseconds, megabytes) {
  const events = readFileSync(join(directory, 'journal.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const at = (name) => Date.parse(events.findLast(({ event }) => event === name).at);
  const began = Date.parse(events[0].at);
  const open = new Set();
  let [withServer, since] = [0, 0];
  for (const { event, at: time, shard } of events) {
    if (event !== 'submitting' && event !== 'collected') continue;
    if (open.size === 0) since = Date.parse(time);
    if (event === 'submitting') open.add(shard);
    else open.delete(shard);
    if (open.size === 0) withServer += Date.parse(time) - since;
  }
  const { shards } = events.find(({ event }) => event === 'planned');
  const megabytesSent =
    shards.reduce((sum, shard) => sum + statSync(join(directory, shard.file)).size, 0) / 1e6;
  return [
    provider,
    String(events.filter(({ event }) => event === 'collected').length),
    (milliseconds / 1000).toFixed(1),
    (withServer / 1000).toFixed(1),
    ((milliseconds - withServer) / 1000).toFixed(1),
    ((at('planned') - began) / 1000).toFixed(1),
    ((at('finished') - at('collected')) / 1000).toFixed(1),
    megabytesSent.toFixed(0),
    megabytes.toFixed(0),
  ];
}

async function startSandbox() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('support/sandbox.mjs', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.once('data', (text) => resolve(JSON.parse(String(text))));
  });
  return { child, ...address };
}
