// The main job for real, on both providers and on a third-party one, against the embedded sandbox.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import { startSandbox } from '@instructor-cli/sandbox';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'instructor-demo-'));
const acme = join(root, 'examples/instructor-provider-acme');
const { instructor } = JSON.parse(
  await (await import('node:fs/promises')).readFile(join(acme, 'package.json'), 'utf8'),
);

const RUN = [
  ...['batch', 'run', '--input', 'tickets.csv', '--id-column', 'ticket', '--prompt', 'prompt.md'],
  ...['--response-model', 'ticket.ts#Ticket', '--reask', '2', '--output', 'tickets.out.csv'],
  ...['--name', 'tickets', '--poll', '0.5', '--yes'],
];

process.env.OCLIF_DISABLE_RC = '1';
const bundled = (await Config.load(root))
  .getPluginsList()
  .flatMap(({ pjson }) => pjson.instructor?.providers ?? []);
const sandbox = await startSandbox({ retryAfterSeconds: 1 });
const env = {
  ...process.env,
  ...sandbox.env([...bundled, ...instructor.providers]),
  // The user's own plugins and settings stay out of the demo.
  INSTRUCTOR_DATA_DIR: join(folder, 'data'),
  INSTRUCTOR_CONFIG_DIR: join(folder, 'config'),
  INSTRUCTOR_CACHE_DIR: join(folder, 'cache'),
};

try {
  cpSync(join(root, 'examples/classify'), folder, { recursive: true });
  say('Emails to classify, and the shape of the answers:');
  show('messages.jsonl');
  show('label.ts');
  for (const model of ['openai/gpt-4o-mini', 'anthropic/claude-haiku-4-5']) await job(model);

  cpSync(join(root, 'examples/tickets'), folder, { recursive: true });
  say('A table to records in one command, with its plan, its price and proof that nothing is missing:');
  show('tickets.csv');
  await run(...RUN);
  show('tickets.out.csv');
  await run('batch', 'run', 'verify', 'tickets');

  say('A third-party provider, from a plugin of its own:');
  await run('plugins', 'link', acme, '--no-install');
  await run('providers');
  await job('acme/acme-1');
  say('Done: every row of every batch is accounted for. No key was used and nothing left this machine.');
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Messages to checked answers, on one provider. */
async function job(model) {
  const provider = model.split('/')[0];
  const requests = `${provider}.requests.jsonl`;
  say(`From messages to records with ${model}:`);
  await run(
    'batch',
    'create',
    '--messages-file',
    'messages.jsonl',
    '--response-model',
    'label.ts#Label',
    '--model',
    model,
    '--output-file',
    requests,
  );
  const created = await run('batch', 'create-from-file', '--file-path', requests, '--model', model);
  const [id] = created.split('\n');
  await run('batch', 'wait', id, '--provider', provider);
  await run('batch', 'list', '--provider', provider);
  await run(
    'batch',
    'results',
    '--batch-id',
    id,
    '--output-file',
    `${provider}.jsonl`,
    '--model',
    model,
    '--response-model',
    'label.ts#Label',
    '--requests-file',
    requests,
  );
  show(`${provider}.jsonl`);
}

/** Not with spawnSync: the sandbox lives in this process and has to go on answering. */
async function run(...args) {
  console.log(`\n$ instructor ${args.map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')}`);
  const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...args], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    process.stdout.write(text);
  });
  const [code] = await once(child, 'close');
  if (code === 0) return stdout.trim();
  throw new Error(`instructor ${args.join(' ')} ended with exit code ${code}`);
}

function show(name) {
  console.log(`\n$ cat ${name}\n${readFileSync(join(folder, name), 'utf8').trimEnd()}`);
}

function say(text) {
  console.log(`\n— ${text}`);
}
