import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PEAK = fileURLToPath(new URL('peak.cjs', import.meta.url));

/** An environment with nothing of the user's in it. */
export function benchEnv(home, extra = {}) {
  return {
    PATH: process.env.PATH,
    HOME: home,
    INSTRUCTOR_DATA_DIR: join(home, 'data'),
    INSTRUCTOR_CONFIG_DIR: join(home, 'config'),
    INSTRUCTOR_CACHE_DIR: join(home, 'cache'),
    ...extra,
  };
}

export function benchFolder() {
  const path = mkdtempSync(join(tmpdir(), 'instructor-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a program to its end: the time on the wall, its output, and for Node its peak of memory. */
export async function measure(command, args, { env, cwd, expected = 0, node = true } = {}) {
  const peakFile = join(cwd, `peak-${process.hrtime.bigint()}.json`);
  const start = process.hrtime.bigint();
  const child = spawn(command, node ? ['--require', PEAK, ...args] : args, {
    cwd,
    env: { ...env, BENCH_PEAK: peakFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stderr.on('data', (text) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (code !== expected)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr.slice(-2000)}`);
  const { megabytes } = node ? JSON.parse(readFileSync(peakFile, 'utf8')) : {};
  return { milliseconds, megabytes, stdout, stderr };
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function printTable(head, rows) {
  const aligned = head.map((_, index) => (index === 0 ? '---' : '---:'));
  for (const row of [head, aligned, ...rows]) console.log(`| ${row.join(' | ')} |`);
}
