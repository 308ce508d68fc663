// How long the command line takes before it does anything, beside the runtime's own start.
// node bench/startup.mjs [--runs 25] [--node 20,22,24] [--bin PATH]
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchEnv, benchFolder, median } from './support/run.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '25' },
    node: { type: 'string', default: '20,22,24' },
    bin: { type: 'string' },
  },
});
const runs = Number(values.runs);
const bin = values.bin ?? join(root, 'bin/run.js');
const { path: home, remove } = benchFolder();
const { sandbox, stop } = await startSandbox();

const MODELS = { openai: 'openai/gpt-4o-mini', anthropic: 'anthropic/claude-haiku-4-5' };

const SCENARIOS = [
  ['node -e 0', ['-e', '0']],
  ['--version', [bin, '--version']],
  ['--help', [bin, '--help']],
  ['batch --help', [bin, 'batch', '--help']],
  ['usage error', [bin, 'batch', 'list', '--no-such-flag'], 2],
  ['delete note (openai)', [bin, 'batch', 'delete', '--batch-id', 'batch_abc'], 3],
  ['providers', [bin, 'providers']],
  // What a request costs by itself, with the client that the runtime brings.
  [
    'node: fetch of the same list',
    [
      '--input-type=module',
      '-e',
      'const { OPENAI_BASE_URL, OPENAI_API_KEY } = process.env; const answer = await fetch(`${OPENAI_BASE_URL}/batches`, { headers: { authorization: `Bearer ${OPENAI_API_KEY}` } }); await answer.json();',
    ],
  ],
  ['batch list (openai)', [bin, 'batch', 'list', '--provider', 'openai']],
  ['batch list (anthropic)', [bin, 'batch', 'list', '--provider', 'anthropic']],
];

const env = benchEnv(home, {
  OPENAI_API_KEY: sandbox.key,
  OPENAI_BASE_URL: sandbox.openaiBaseUrl,
  ANTHROPIC_API_KEY: sandbox.key,
  ANTHROPIC_BASE_URL: sandbox.anthropicBaseUrl,
});

/** A list has something to show: the table is part of what a user waits for. */
async function createBatches(provider, count) {
  const rows = join(home, 'rows.jsonl');
  const requests = join(home, `${provider}.jsonl`);
  writeFileSync(rows, '[{"role": "user", "content": "Hello"}]\n');
  const created = await time(process.execPath, [
    bin,
    'batch',
    'create',
    '--messages-file',
    rows,
    '--model',
    MODELS[provider],
    '--output-file',
    requests,
  ]);
  if (created.code !== 0) throw new Error('batch create failed');
  for (let done = 0; done < count; done += 1) {
    const { code } = await time(process.execPath, [
      bin,
      'batch',
      'create-from-file',
      '--file-path',
      requests,
      '--model',
      MODELS[provider],
    ]);
    if (code !== 0) throw new Error('batch create-from-file failed');
  }
}

try {
  for (const provider of Object.keys(MODELS)) await createBatches(provider, 5);
  for (const version of values.node.split(',')) await measure(version);
} finally {
  stop();
  remove();
}

async function measure(version) {
  const node = installNode(version);
  const times = SCENARIOS.map(() => []);
  // The first round warms the file cache, and the compile cache where there is one.
  for (let round = -1; round < runs; round += 1) {
    for (const [index, [name, args, expected = 0]] of SCENARIOS.entries()) {
      const { milliseconds, code } = await time(node, args);
      if (code !== expected) throw new Error(`${name} ended with ${code} instead of ${expected}`);
      if (round >= 0) times[index].push(milliseconds);
    }
  }
  const bare = median(times[0]);
  console.log(
    `\nNode ${spawnSync(node, ['-v'], { encoding: 'utf8' }).stdout.trim()}, ${runs} runs, interleaved\n`,
  );
  console.log('| command | median ms | over bare node | ratio |\n|---|---:|---:|---:|');
  for (const [index, [name]] of SCENARIOS.entries()) {
    const middle = median(times[index]);
    console.log(
      `| ${name} | ${middle.toFixed(0)} | ${(middle - bare).toFixed(0)} | ${(middle / bare).toFixed(2)} |`,
    );
  }
}

function time(node, args) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(node, args, { env, stdio: 'ignore', cwd: home });
    child.on('error', reject);
    child.on('exit', (code) =>
      resolve({ code, milliseconds: Number(process.hrtime.bigint() - start) / 1e6 }),
    );
  });
}

async function startSandbox() {
  const child = spawn(process.execPath, [join(root, 'bench/support/sandbox.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.once('data', resolve);
  });
  return { sandbox: JSON.parse(text), stop: () => child.kill() };
}

/** The npm package `node` of that version, in a temporary folder that later runs find again. */
function installNode(version) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const folder = join(tmpdir(), `instructor-bench-node-${version}`);
  const node = join(folder, 'node_modules/node/bin/node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  spawnSync('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  if (!existsSync(node)) throw new Error(`node@${version} could not be installed from the registry`);
  return node;
}
