// Works on a run in a process of its own, as the command does but without its start, and kills itself where it is told
// to: at once after an event is on disk that it has not died of before (`killOnce` is where it remembers them), before
// what the event announces is done; or after some milliseconds.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPrices } from '../../../dist/registry/load-prices.js';
import { ProviderSession } from '../../../dist/core/session.js';
import { conductRun } from '../../../dist/runs/conduct/conduct-run.js';
import { beginRun, resumeRun } from '../../../dist/runs/open-run.js';
import { planRun } from '../../../dist/runs/plan/plan-run.js';
import { prepareRun } from '../../../dist/runs/prepare-run.js';
import { record } from '../../../dist/runs/run-context.js';
import { runPaths } from '../../../dist/runs/store/run-paths.js';
import { loadResponseModel } from '../../../dist/schema/load-response-model.js';

const { folder, input, prompt, schema, plugin, model, output, policy, limits, pace, killOnce, killAfterMs } =
  JSON.parse(process.argv[2]);
const signal = new AbortController().signal;
const die = () => process.kill(process.pid, 'SIGKILL');

const survived = new Set(killOnce && existsSync(killOnce) ? readFileSync(killOnce, 'utf8').split('\n') : []);
let dying;
const listener = {
  onEvent: ({ event, shard = '', file = '', round = '' }) => {
    // Not before it works: its start is of no interest.
    if (killAfterMs !== undefined) dying ??= setTimeout(die, killAfterMs);
    const key = `${event} ${shard}${file}${round}`;
    if (!killOnce || event === 'resumed' || survived.has(key)) return;
    appendFileSync(killOnce, `${key}\n`);
    die();
  },
};
const session = new ProviderSession(entryOf(plugin), { env: process.env, maxRetries: 1 });
const responseModel = await loadResponseModel(schema);
const prices = await loadPrices(session.entry, process.env);
const tools = { session, responseModel, prices, listener, pace, signal, version: 'test' };
const opened = existsSync(runPaths(folder).settings)
  ? await resumeRun(folder, tools)
  : await beginRun(folder, await settings(), tools);
const { run, close } = opened;

if (!run.state.finished) {
  if (!run.state.planned) await planRun(run);
  if (!run.state.approved) await record(run, { event: 'approved', by: 'flag' });
  const conducted = await conductRun(run, { detach: false, claims: new Set() });
  if (conducted.kind === 'stopped') process.exitCode = 3;
  process.stdout.write(JSON.stringify({ kind: conducted.kind, end: conducted.end }));
}
await close();
clearTimeout(dying);
process.exit();

/** The plugin of a folder, without a tokenizer: to load one takes longer than all else that a process does here. */
function entryOf(root) {
  const { name, version, instructor } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const declaration = { ...instructor.providers[0], tokenizers: [] };
  return { declaration, plugin: { name, version, root, origin: 'bundled', declared: instructor } };
}

async function settings() {
  return await prepareRun({
    version: 'test',
    provider: session.declaration.id,
    model,
    input: { path: input, name: input, kind: 'table', table: { prompt, idColumn: 'id' } },
    request: { maxTokens: { value: 500, explicit: true }, temperature: { value: 0.1, explicit: false } },
    schema: { reference: schema, model: responseModel },
    submit: {},
    skipBadRows: false,
    limits,
    policy,
    output: { path: output, format: 'csv', escapeFormulas: true, force: false },
    signal,
  });
}
