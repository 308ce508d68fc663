import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = join(ROOT, 'bin/run.js');

export interface RunResult {
  /** The exit code, or the name of the signal that ended the program. */
  code: number | string;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  input?: string;
  /** Another program than the one of this repository. */
  bin?: string;
  /** Called with the running program, to send signals. */
  onStart?: (child: ChildProcessWithoutNullStreams) => void;
  timeoutMs?: number;
}

/** Variables that must not reach into a test from the machine it runs on. */
const FOREIGN =
  /^(OPENAI_|ANTHROPIC_|ACME_|INSTRUCTOR_|OCLIF_|npm_|FORCE_COLOR|NO_COLOR|COLUMNS|DEBUG|CI$|NODE_OPTIONS|NODE_ENV|NODE_EXTRA_CA_CERTS)/;

/** An environment without keys, with nothing of the user's, and with folders of its own. */
export function cleanEnv(
  home: string,
  extra: Record<string, string | undefined> = {},
): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  const own = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CACHE_HOME: join(home, 'cache'),
    INSTRUCTOR_CONFIG_DIR: join(home, 'config'),
    INSTRUCTOR_DATA_DIR: join(home, 'data'),
    INSTRUCTOR_CACHE_DIR: join(home, 'cache'),
  };
  const all = { ...Object.fromEntries(kept), ...own, ...extra };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Runs the real program in a process of its own. */
export async function runInstructor(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const home = options.env?.['HOME'] ?? (await sharedHome());
  const child = spawn(process.execPath, [options.bin ?? BIN, ...args], {
    cwd: options.cwd ?? home,
    env: cleanEnv(home, options.env),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  options.onStart?.(child);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: code ?? signal ?? 'unknown', stdout, stderr });
    });
  });
}

let home: Promise<string> | undefined;

/** One empty home for all tests of a run that need none of their own. */
async function sharedHome(): Promise<string> {
  home ??= mkdtemp(join(tmpdir(), 'instructor-home-'));
  return await home;
}

export async function removeSharedHome(): Promise<void> {
  if (home) await rm(await home, { recursive: true, force: true });
  home = undefined;
}

/** A folder that is removed after the test. */
export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'instructor-test-'));
  return { path, remove: async () => rm(path, { recursive: true, force: true }) };
}
