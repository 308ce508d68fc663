import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, cleanEnv, type RunResult } from './run-instructor.js';
import type { World } from './world.js';

/** Runs the program inside a script of a POSIX shell, where it is `"$@"`. */
export async function runInShell(script: string, args: readonly string[], world: World): Promise<RunResult> {
  const home = await mkdtemp(join(tmpdir(), 'instructor-home-'));
  const child = spawn('sh', ['-c', script, 'sh', process.execPath, BIN, ...args], {
    cwd: world.folder,
    env: cleanEnv(home, world.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', stdout, stderr }));
    });
  } finally {
    clearTimeout(timer);
    await rm(home, { recursive: true, force: true });
  }
}
