import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RunLock } from '../../../src/runs/store/run-lock.js';

// For each line of standard input takes the lock of that name below the first argument and says what came of it. Holds on
// to all of them until standard input ends.
const [path = ''] = process.argv.slice(2);
process.stdout.write('ready\n');
const names = createInterface({ input: process.stdin });
names.on('line', (name) => {
  RunLock.acquire(join(path, name)).then(
    ({ takenFrom }) => process.stdout.write(`got it ${takenFrom ?? 'fresh'}\n`),
    (error: Error) => process.stdout.write(`${error.message}\n`),
  );
});
names.on('close', () => process.exit());
