import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startSandbox, type Sandbox, type SandboxOptions } from '@instructor-cli/sandbox';
import { runInstructor, temporaryFolder, type RunOptions, type RunResult } from './run-instructor.js';

/** A sandbox, and a folder of its own in which the program runs against it. */
export interface World {
  sandbox: Sandbox;
  folder: string;
  /** What sends the program to the sandbox. */
  env: Record<string, string>;
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  write(name: string, content: string | Uint8Array): Promise<string>;
  read(name: string): Promise<string>;
  /** The JSON Lines of a file. */
  rows(name: string): Promise<Record<string, unknown>[]>;
  /** The names of all files, hidden ones included. */
  files(): Promise<string[]>;
  close(): Promise<void>;
}

/** Batches end as soon as they are worked through. */
export const AT_ONCE = { validatingMs: 0, inProgressMs: 0, finalizingMs: 0, cancellingMs: 0 };

/** Batches are in progress for as long as any test may take. */
export const NEVER = { validatingMs: 0, inProgressMs: 3_600_000, finalizingMs: 0, cancellingMs: 0 };

/** Both providers at this address. */
export function envFor(url: string, key = 'sandbox-key'): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: key,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: key,
  };
}

export async function startWorld(options: SandboxOptions = {}): Promise<World> {
  const sandbox = await startSandbox({ timing: AT_ONCE, ...options });
  const { path: folder, remove } = await temporaryFolder();
  const env = envFor(sandbox.url, sandbox.key);
  return {
    sandbox,
    folder,
    env,
    run: async (args, running = {}) =>
      await runInstructor(args, { cwd: folder, ...running, env: { ...env, ...running.env } }),
    async write(name, content) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
    read: async (name) => await readFile(join(folder, name), 'utf8'),
    rows: async (name) => linesOf(await readFile(join(folder, name), 'utf8')),
    files: async () => (await readdir(folder)).sort(),
    async close() {
      await sandbox.close();
      await remove();
    },
  };
}

export function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

export function jsonLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

/** A conversation of one message. */
export function ask(content: string): { role: string; content: string }[] {
  return [{ role: 'user', content }];
}

/** Request lines of OpenAI, with ids `row-0`, `row-1` … */
export function openaiRequests(count: number, body: Record<string, unknown> = {}): string {
  return jsonLines(
    Array.from({ length: count }, (_, index) => ({
      custom_id: `row-${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'gpt-4o-mini', messages: ask(`question ${index}`), ...body },
    })),
  );
}

/** The same for Anthropic. */
export function anthropicRequests(count: number, params: Record<string, unknown> = {}): string {
  return jsonLines(
    Array.from({ length: count }, (_, index) => ({
      custom_id: `row-${index}`,
      params: { model: 'claude-haiku-4-5', max_tokens: 100, messages: ask(`question ${index}`), ...params },
    })),
  );
}
