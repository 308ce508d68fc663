import { join } from 'node:path';
import type { SandboxOptions } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import { parseAs, runSchema } from './json-schemas.js';
import type { RunOptions, RunResult } from './run-instructor.js';
import { linesOf, startWorld, type World } from './world.js';

export type Provider = 'openai' | 'anthropic';
export const PROVIDERS: Provider[] = ['openai', 'anthropic'];
export const MODELS = { openai: 'openai/gpt-4o-mini', anthropic: 'anthropic/claude-haiku-4-5' };

/** Looks often, and waits for lists no longer than a test can. */
export function quick(more: readonly string[] = []): string[] {
  return more.includes('--settle') ? ['--poll', '0.1'] : ['--poll', '0.1', '--settle', '0.2'];
}

export const LABEL_TS = `import { z } from 'zod';
export const Label = z.object({ label: z.enum(['SPAM', 'HAM']), sure: z.boolean() });
`;

/** A world with a small table of tickets, a prompt and a response model. */
export interface RunWorld extends World {
  /** Begins a run of the tickets, named so; `more` are further flags. */
  begin(name: string, more?: readonly string[], options?: RunOptions): Promise<RunResult>;
  resume(name: string, more?: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Begins a run that has to end well, and gives what it tells. */
  succeeds(name: string, more?: readonly string[]): Promise<ReturnType<typeof asRun>>;
  /** The journal of a run. */
  journal(name: string): Promise<Record<string, unknown>[]>;
  /** A file in the directory of a run. */
  runFile(name: string, file: string): string;
}

export const TICKETS = 6;

export function tickets(count = TICKETS): string {
  const rows = Array.from({ length: count }, (_, index) => `t${index},ticket number ${index}`);
  return ['id,text', ...rows, ''].join('\n');
}

export function asRun(text: string) {
  return parseAs(runSchema, text);
}

export async function startRunWorld(options: SandboxOptions = {}): Promise<RunWorld> {
  const world = await startWorld({ retryAfterSeconds: 0, ...options });
  await world.write('tickets.csv', tickets());
  await world.write('prompt.md', 'Is this spam? {{ text }}');
  await world.write('label.ts', LABEL_TS);
  const runFile = (name: string, file: string): string => join('.instructor/runs', name, file);
  const begin: RunWorld['begin'] = async (name, more = [], running = {}) =>
    await world.run(['batch', 'run', ...INPUT, '--name', name, '--new', ...quick(more), ...more], running);
  return {
    ...world,
    begin,
    resume: async (name, more = [], running = {}) =>
      await world.run(['batch', 'run', '--resume', name, ...quick(more), ...more], running),
    async succeeds(name, more = []) {
      const { code, stdout, stderr } = await begin(name, ['--yes', '--json', ...more]);
      expect(code, stderr).to.equal(0);
      return asRun(stdout);
    },
    journal: async (name) => linesOf(await world.read(runFile(name, 'journal.jsonl'))),
    runFile,
  };
}

export const INPUT = ['--input', 'tickets.csv', '--prompt', 'prompt.md', '--id-column', 'id'];
