import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SandboxOptions } from '../../src/index.js';

/** Where a sandbox in a process of its own can be reached. */
export interface ChildSandbox {
  url: string;
  openaiBaseUrl: string;
  anthropicBaseUrl: string;
  key: string;
  /** Ends it as nothing else does: it gets to do nothing more. */
  kill: () => Promise<void>;
}

const script = (options: SandboxOptions): string => `
import { startSandbox } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
const { url, openaiBaseUrl, anthropicBaseUrl, key } = await startSandbox(${JSON.stringify(options)});
console.log(JSON.stringify({ url, openaiBaseUrl, anthropicBaseUrl, key }));
`;

const children = new Set<ChildProcess>();

/** Starts a sandbox that can be killed. Its options travel as JSON. */
export async function startChild(options: SandboxOptions): Promise<ChildSandbox> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(options)], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.endsWith('\n')) break;
  }
  const place = JSON.parse(text) as Omit<ChildSandbox, 'kill'>;
  return {
    ...place,
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      children.delete(child);
    },
  };
}

export function killChildren(): void {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
}
