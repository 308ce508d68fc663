// The original Python command line beside ours: the same inputs, the same loopback server. See bench/peers.md.
// node bench/peers.mjs --peer PATH_TO_INSTRUCTOR_BIN [--rows 50000] [--runs 3] [--bin PATH]
import { spawn, spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSandbox } from '@instructor-cli/sandbox';
import { shuffledWithin, writeMessages, writeResults } from './support/inputs.mjs';
import { benchEnv, benchFolder, median, printTable } from './support/run.mjs';

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    rows: { type: 'string', default: '50000' },
    runs: { type: 'string', default: '3' },
    bin: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = values.bin ? resolve(values.bin) : join(root, 'bin/run.js');
const support = (name) => join(root, 'bench/support', name);
const folder = benchFolder();
const file = (name) => join(folder.path, name);
const rows = Number(values.rows);
const BATCHES = 5;
const MODEL = 'openai/gpt-4o-mini';
const OUR_LABEL = `${support('label.mjs')}#Label`;
const THEIR_LABEL = 'bench_label.Label';

/** The shape of bench/support/label.mjs for the other side, which imports it by its module's name. */
const LABEL = `from typing import Literal
from pydantic import BaseModel, Field


class Label(BaseModel):
    label: Literal['billing', 'other']
    urgency: int = Field(ge=0, le=5)
    reason: str
`;

/** Prints one line: `Python 3.12.1, instructor 1.17.1, …`. */
const VERSIONS = `import platform
from importlib.metadata import distributions
wanted = ['instructor', 'openai', 'pydantic']
found = {d.metadata['Name']: d.version for d in distributions()}
print(', '.join(['Python ' + platform.python_version()] + [f'{n} {found[n]}' for n in wanted if n in found]))
`;

let service;
let sandbox;
try {
  const peer = findPeer();
  if (peer.missing) console.log(`No Python instructor to compare with: ${peer.missing}. See bench/peers.md`);
  else await compareAll(peer);
} finally {
  service?.stop();
  await sandbox?.close();
  folder.remove();
}

/** A command of the same name may be ours, or one without these commands: neither is the peer. */
function findPeer() {
  const { INSTRUCTOR_PEER: venv } = process.env;
  const named = values.peer ?? (venv ? join(venv, 'bin/instructor') : undefined);
  if (process.platform !== 'linux') return { missing: 'memory is read from /proc, which only Linux has' };
  if (named === undefined) return { missing: 'neither --peer nor INSTRUCTOR_PEER names one' };
  const path = resolve(named);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return { missing: `${named} is no file` };
  const python = interpreterOf(path);
  if (python === undefined) return { missing: `${named} is not a Python program` };
  // The option is too wide for help on a narrow screen; and old versions want a key for the help, too.
  const { stdout } = spawnSync(path, ['batch', 'create', '--help'], {
    env: envOf('http://127.0.0.1:1/v1'),
    cwd: folder.path,
    encoding: 'utf8',
  });
  if (!stdout?.includes('--messages-file')) return { missing: `${named} has no batch create` };
  return { path, python };
}

/** From the first lines of a script; installers write the second form where a path is long or has spaces. */
function interpreterOf(path) {
  const head = readFileSync(path).subarray(0, 1024).toString('latin1');
  const direct = /^#!\s*(?:\/usr\/bin\/env (?:-S )?)?(\S*python[\d.]*)(?:\s|$)/.exec(head);
  const byShell = /^#!\/bin\/sh\r?\n'''exec' ["']?(.*?python[\d.]*)["']? "\$0"/.exec(head);
  return direct?.[1] ?? byShell?.[1];
}

/** The same for both. Without a wide screen both tables are cut; PYTHONPATH is where the response model is. */
function envOf(url, key = 'bench') {
  return benchEnv(folder.path, {
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: url,
    PYTHONPATH: folder.path,
    COLUMNS: '200',
  });
}

async function compareAll(peer) {
  await prepareRows();
  const table = [];
  for (const work of [await listWork(), createWork(), ...resultWorks()]) {
    table.push(await compare(work, peer));
    console.error(table.at(-1).join('  '));
  }
  const { stdout } = spawnSync(peer.python, ['-c', VERSIONS], { encoding: 'utf8' });
  console.log(`\nOurs on Node ${process.version}; theirs on ${stdout?.trim() || 'an unknown Python'}.`);
  console.log(`Medians of ${values.runs} runs by turns, start-up included; ratios are ours/theirs\n`);
  printTable(['work', 'ours, s', 'theirs, s', 'ratio', 'ours, MB', 'theirs, MB', 'ratio'], table);
}

/** The inputs of all works, and the server that has the results of a batch. */
async function prepareRows() {
  writeFileSync(file('bench_label.py'), LABEL);
  await writeMessages(file('objects.jsonl'), rows, 1000);
  await writeLists(file('objects.jsonl'), file('messages.jsonl'));
  await writeResults(file('answers.jsonl'), rows, shuffledWithin(rows, 1000));
  const env = envOf('http://127.0.0.1:1/v1');
  await run(process.execPath, [bin, ...createArgs('requests.jsonl', OUR_LABEL)], env);
  service = await startService({
    RESULTS: file('answers.jsonl'),
    REQUESTS: file('requests.jsonl'),
    ROWS: String(rows),
  });
}

/** The original takes a bare list of messages a line, and ours takes that too. */
async function writeLists(from, to) {
  const lines = createInterface({ input: createReadStream(from), crlfDelay: Infinity });
  async function* lists() {
    for await (const line of lines) yield `${JSON.stringify(JSON.parse(line).messages)}\n`;
  }
  await pipeline(lists, createWriteStream(to));
}

/** Some batches are there: the table is part of what a user waits for. */
async function listWork() {
  sandbox = await startSandbox();
  const env = envOf(sandbox.openaiBaseUrl, sandbox.key);
  writeFileSync(file('hello.jsonl'), '[{"role": "user", "content": "Hello"}]\n');
  const create = ['--messages-file', file('hello.jsonl'), '--output-file', file('hello-requests.jsonl')];
  await run(process.execPath, [bin, 'batch', 'create', ...create, '--model', MODEL], env);
  const submit = ['batch', 'create-from-file', '--file-path', file('hello-requests.jsonl'), '--model', MODEL];
  const ids = [];
  for (let done = 0; done < BATCHES; done += 1) {
    ids.push((await run(process.execPath, [bin, ...submit], env)).stdout.split('\n')[0]);
  }
  // The original shortens ids to their first 15 characters.
  const complete = ({ stdout }) => ids.every((id) => id !== '' && stdout.includes(id.slice(0, 15)));
  const args = ['batch', 'list', '--provider', 'openai'];
  return { name: `list, ${BATCHES} batches`, ours: args, theirs: args, complete, env };
}

function createArgs(output, responseModel) {
  return [
    ...['batch', 'create', '--messages-file', file('messages.jsonl'), '--output-file', file(output)],
    ...['--response-model', responseModel, '--model', MODEL],
  ];
}

function createWork() {
  return {
    name: `create, ${rows.toLocaleString('en')} rows`,
    ours: createArgs('out.jsonl', OUR_LABEL),
    theirs: createArgs('out.jsonl', THEIR_LABEL),
    complete: async () => (await linesOf(file('out.jsonl'))) === rows,
    env: envOf(service.url),
  };
}

/** The original's results are the raw file: ours, which are checked and in order, have no equal there. */
function resultWorks() {
  const of = ['--batch-id', 'batch_bench'];
  const results = ['batch', 'results', ...of, '--output-file', file('out.jsonl'), '--model', MODEL];
  const raw = ['batch', 'download-file', ...of, '--download-file-path', file('out.jsonl')];
  const shared = {
    complete: async () => (await linesOf(file('out.jsonl'))) === rows,
    env: envOf(service.url),
  };
  const count = `${rows.toLocaleString('en')} rows`;
  return [
    {
      ...shared,
      name: `results, ${count} (ours checked and in order, theirs a raw copy)`,
      ours: [...results, '--response-model', OUR_LABEL],
      theirs: results,
    },
    { ...shared, name: `download-file, ${count} (raw copies both)`, ours: raw, theirs: raw },
  ];
}

/** Runs both by turns. The first round is not counted: it fills the caches of files and of compiled code. */
async function compare({ name, ours, theirs, complete, env }, peer) {
  const sides = [
    { who: 'ours', command: process.execPath, args: [bin, ...ours], seconds: [], megabytes: [] },
    { who: 'theirs', command: peer.path, args: theirs, seconds: [], megabytes: [] },
  ];
  for (let round = -1; round < Number(values.runs); round += 1) {
    for (const side of sides) {
      rmSync(file('out.jsonl'), { force: true });
      const done = await run(side.command, side.args, env);
      // The original ends with 0 after most failures: only its output tells.
      if (!(await complete(done))) throw new Error(`${name}, ${side.who}: incomplete\n${tail(done)}`);
      if (round < 0) continue;
      side.seconds.push(done.seconds);
      side.megabytes.push(done.megabytes);
    }
  }
  const [seconds, megabytes] = ['seconds', 'megabytes'].map((what) =>
    sides.map((side) => median(side[what])),
  );
  return [name, ...columns(seconds, 2), ...columns(megabytes, 0)];
}

function columns([ours, theirs], digits) {
  return [ours.toFixed(digits), theirs.toFixed(digits), (ours / theirs).toFixed(2)];
}

async function linesOf(path) {
  if (!statSync(path, { throwIfNoEntry: false })) return 0;
  let lines = 0;
  for await (const chunk of createReadStream(path)) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

/** Runs a program to its end, and looks at it from outside, since one of the two is not a Node program. */
async function run(command, args, env) {
  const start = process.hrtime.bigint();
  const child = spawn(command, args, { cwd: folder.path, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const peak = watchPeak(child.pid);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', peak.stop);
    child.on('close', resolve);
  }).finally(peak.stop);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${tail({ stdout, stderr })}`);
  return { seconds, megabytes: peak.megabytes(), stdout, stderr };
}

/** The last value counts and not the highest: a start through a shell or `env` leaves its peak behind with exec. */
function watchPeak(pid) {
  let megabytes = NaN;
  const look = () => {
    try {
      const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
      if (peak) megabytes = Number(peak[1]) / 1024;
    } catch {
      // It has just ended.
    }
  };
  const timer = setInterval(look, 10);
  return { stop: () => clearInterval(timer), megabytes: () => megabytes };
}

function tail({ stdout, stderr }) {
  return `${stdout}\n${stderr}`.trim().slice(-2000);
}

async function startService(env) {
  const child = spawn(process.execPath, [support('service.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.once('data', (text) => resolve(Number(text)));
  });
  return { url: `http://127.0.0.1:${port}/v1`, stop: () => child.kill() };
}
