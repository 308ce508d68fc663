// How fast rows go through, beside the least that gives the same bytes with the same runtime, in the same run.
// node bench/rows.mjs [--rows 50000,1000000] [--only create,check,results,upload,download] [--runs 3]
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeMessages, writeResults, shuffledWithin } from './support/inputs.mjs';
import { benchEnv, benchFolder, measure, median, printTable } from './support/run.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '50000,1000000' },
    only: { type: 'string', default: 'create,check,results,upload,download' },
    runs: { type: 'string', default: '3' },
    bin: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const bin = values.bin ?? join(root, 'bin/run.js');
const support = (name) => join(root, 'bench/support', name);
const folder = benchFolder();
const file = (name) => join(folder.path, name);
const key = { OPENAI_API_KEY: 'bench' };
const node = process.execPath;
const wanted = values.only.split(',');

/** Rows of about 1 KB, and a few large ones. */
const SIZES = [
  ...values.rows.split(',').map((rows) => ({ rows: Number(rows), bytes: 1000 })),
  { rows: 100, bytes: 1_000_000 },
];

const table = [];
const services = new Set();
try {
  if (wanted.some((work) => ['create', 'check', 'results'].includes(work)))
    for (const size of SIZES) await rowsOf(size);
  if (table.length > 0) {
    console.log(`\nRows. Node ${process.version}; times without start-up (the same command with one row)\n`);
    printTable(
      [
        'work',
        'rows',
        'MB in',
        'seconds',
        'MB/s',
        'rows/s',
        'floor, seconds',
        'ratio',
        'peak MB',
        'floor, peak MB',
      ],
      table,
    );
  }
  if (wanted.includes('upload') || wanted.includes('download')) await transfers();
} finally {
  for (const service of services) service.kill();
  folder.remove();
}

async function rowsOf({ rows, bytes }) {
  const runs = rows > 100_000 ? 1 : Number(values.runs);
  const messages = file('messages.jsonl');
  const requests = file('requests.jsonl');
  await writeMessages(messages, rows, bytes);
  await writeMessages(file('one.jsonl'), 1, 1000);
  const create = (input, output) => [
    ...[bin, 'batch', 'create', '--messages-file', input, '--output-file', output],
    ...['--model', 'openai/gpt-4o-mini', '--force'],
  ];
  await compare({
    ...{ work: 'create', rows, runs, input: messages },
    ours: (input, output) => create(input, output),
    floor: (input, output) => [support('floor.mjs'), 'create', input, output],
    ones: { ours: file('one.jsonl'), floor: file('one.jsonl') },
    outputs: { ours: requests, floor: file('floor.jsonl') },
    skip: !wanted.includes('create'),
  });
  if (!existsSync(requests))
    await measure(node, create(messages, requests), { env: benchEnv(folder.path, key), cwd: folder.path });
  await measure(node, create(file('one.jsonl'), file('one-request.jsonl')), {
    env: benchEnv(folder.path),
    cwd: folder.path,
  });
  await compare({
    ...{ work: 'check', rows, runs, input: requests },
    ours: (input) => [support('check.mjs'), input],
    floor: (input) => [support('floor.mjs'), 'parse', input],
    ones: { ours: file('one-request.jsonl'), floor: file('one-request.jsonl') },
    skip: !wanted.includes('check'),
  });
  // Large answers are rare: rows of 1 MB are requests.
  if (wanted.includes('results') && bytes < 10_000) await results(rows, runs, requests);
  for (const name of [messages, requests, file('floor.jsonl')]) rmSync(name, { force: true });
}

async function results(rows, runs, requests) {
  await writeResults(file('ordered.jsonl'), rows, (place) => place);
  await writeResults(file('one-result.jsonl'), 1, () => 0);
  for (const [order, window] of [
    ['near', 1000],
    ['any', rows],
  ]) {
    const answers = file('answers.jsonl');
    await writeResults(answers, rows, shuffledWithin(rows, window));
    const service = await startService({ RESULTS: answers, REQUESTS: requests, ROWS: String(rows) });
    const single = await startService({
      RESULTS: file('one-result.jsonl'),
      REQUESTS: file('one-request.jsonl'),
      ROWS: '1',
    });
    const ordered = await startService({ RESULTS: file('ordered.jsonl') });
    const read = (_input, output) => [
      ...[bin, 'batch', 'results', '--batch-id', 'batch_bench', '--output-file', output, '--force'],
      ...['--response-model', `${support('label.mjs')}#Label`],
    ];
    await compare({
      ...{ work: `results, ${order} order`, rows, runs, input: answers },
      ours: read,
      floor: (input, output) => [support('floor.mjs'), 'results', input, output],
      // The floor does not put anything in order: it is given the answers in it.
      floorInput: `${ordered.url}/files/file-out/content`,
      ones: { floor: `${single.url}/files/file-out/content` },
      outputs: { ours: file('results.jsonl'), floor: file('floor.jsonl') },
      env: { ...key, OPENAI_BASE_URL: service.url },
      oneEnv: { ...key, OPENAI_BASE_URL: single.url },
    });
    service.stop();
    single.stop();
    ordered.stop();
    rmSync(answers);
  }
  for (const name of ['ordered.jsonl', 'results.jsonl', 'floor.jsonl']) rmSync(file(name), { force: true });
}

/** Runs both by turns, and takes from each time that of one row. */
async function compare({
  work,
  rows,
  runs,
  input,
  floorInput = input,
  ours,
  floor,
  ones,
  outputs = {},
  env = key,
  oneEnv = env,
  skip,
}) {
  if (skip) return;
  const times = { ours: [], floor: [] };
  const peaks = { ours: [], floor: [] };
  const run = (args, extra) => measure(node, args, { env: benchEnv(folder.path, extra), cwd: folder.path });
  const start = { ours: [], floor: [] };
  for (let round = 0; round < 5; round += 1) {
    start.ours.push((await run(ours(ones.ours, file('one.out')), oneEnv)).milliseconds);
    start.floor.push((await run(floor(ones.floor, file('one.out')), oneEnv)).milliseconds);
  }
  for (let round = 0; round < runs; round += 1) {
    for (const [who, args] of [
      ['ours', ours(input, outputs.ours)],
      ['floor', floor(floorInput, outputs.floor)],
    ]) {
      const { milliseconds, megabytes } = await run(args, env);
      times[who].push(milliseconds - median(start[who]));
      peaks[who].push(megabytes);
    }
  }
  if (outputs.ours && (await hashOf(outputs.ours)) !== (await hashOf(outputs.floor))) {
    throw new Error(`${work}: the floor does not give the same bytes`);
  }
  const [seconds, least] = [median(times.ours) / 1000, median(times.floor) / 1000];
  const megabytes = statSync(input).size / 1e6;
  const row = [
    ...[
      work,
      rows.toLocaleString('en'),
      megabytes.toFixed(0),
      seconds.toFixed(2),
      (megabytes / seconds).toFixed(0),
    ],
    ...[Math.round(rows / seconds).toLocaleString('en'), least.toFixed(2), (seconds / least).toFixed(2)],
    ...[median(peaks.ours).toFixed(0), median(peaks.floor).toFixed(0)],
  ];
  console.error(row.join('  '));
  table.push(row);
}

async function hashOf(path) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Uploads and downloads beside curl. The time is the server's, from the first byte of the request to the last. */
async function transfers() {
  const rows = [];
  const env = benchEnv(folder.path, key);
  if (wanted.includes('upload')) {
    const requests = file('upload.jsonl');
    await writeMessages(file('messages.jsonl'), 49_000, 3_800);
    const create = ['batch', 'create', '--messages-file', file('messages.jsonl'), '--output-file', requests];
    await measure(node, [bin, ...create, '--model', 'openai/gpt-4o-mini', '--force'], {
      env,
      cwd: folder.path,
    });
    const service = await startService({});
    const submit = [
      bin,
      'batch',
      'create-from-file',
      '--file-path',
      requests,
      '--model',
      'openai/gpt-4o-mini',
    ];
    const form = [
      '-s',
      '-f',
      '-o',
      '/dev/null',
      '-F',
      'purpose=batch',
      '-F',
      `file=@${requests}`,
      `${service.url}/files`,
    ];
    rows.push(await transfer(service, 'upload', submit, ['-F', form]));
    service.stop();
  }
  if (wanted.includes('download')) {
    const service = await startService({ BIG_BYTES: String(1e9) });
    for (const bytes of [1e8, 1e9]) {
      const sized = bytes === 1e9 ? service : await startService({ BIG_BYTES: String(bytes) });
      const load = [
        bin,
        'batch',
        'download-file',
        '--batch-id',
        'batch_big',
        '--download-file-path',
        file('big'),
        '--force',
      ];
      const curl = ['-s', '-f', '-o', file('big'), `${sized.url}/files/file-big/content`];
      rows.push(await transfer(sized, 'download', load, ['-o', curl]));
      sized.stop();
    }
  }
  console.log(`\nTransfers to and from a loopback server, beside curl. Node ${process.version}\n`);
  printTable(['work', 'MB', 'MB/s', 'curl, MB/s', 'of curl', 'peak MB'], rows);
}

async function transfer(service, work, args, [curlFlag, curlArgs]) {
  const env = benchEnv(folder.path, { ...key, OPENAI_BASE_URL: service.url });
  const speeds = { ours: [], curl: [] };
  const peaks = [];
  let megabytes = 0;
  for (let round = 0; round < Number(values.runs); round += 1) {
    await settle();
    peaks.push((await measure(node, args, { env, cwd: folder.path })).megabytes);
    const own = await service.lastTransfer();
    await settle();
    await measure('curl', curlArgs, { env, cwd: folder.path, node: false });
    const other = await service.lastTransfer();
    speeds.ours.push(own.bytes / 1e3 / own.milliseconds);
    speeds.curl.push(other.bytes / 1e3 / other.milliseconds);
    megabytes = own.bytes / 1e6;
  }
  const [ours, curl] = [median(speeds.ours), median(speeds.curl)];
  const share = `${((ours / curl) * 100).toFixed(0)} %`;
  return [
    `${work} (curl ${curlFlag})`,
    megabytes.toFixed(0),
    ours.toFixed(0),
    curl.toFixed(0),
    share,
    median(peaks).toFixed(0),
  ];
}

/** What one of the two has written must not be the other's burden. */
async function settle() {
  rmSync(file('big'), { force: true });
  await measure('sync', [], { env: process.env, cwd: folder.path, node: false });
}

async function startService(env) {
  const child = spawn(node, [support('service.mjs')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  services.add(child);
  const port = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.once('data', (text) => resolve(Number(text)));
  });
  return {
    url: `http://127.0.0.1:${port}/v1`,
    lastTransfer: async () => (await fetch(`http://127.0.0.1:${port}/transfer`)).json(),
    stop: () => child.kill(),
  };
}
