import { startRunWorld } from './support/run-world.ts';
const w = await startRunWorld();
console.log((await w.begin('facts', ['--dry-run', '--json', '--canary', '2', '--max-cost', '1'])).code);
console.log(await w.resume('facts', ['--yes', '--json']));
console.log(await w.read(w.runFile('facts','journal.jsonl')));
await w.close();
