import { expect } from 'chai';
import { runInShell } from '../support/shell.js';
import { startWorld, type World } from '../support/world.js';

describe('standard input', () => {
  let world: World;

  before(async () => (world = await startWorld()));
  after(() => world.close());

  it('is left to the loop that a command stands in', async function () {
    if (process.platform === 'win32') this.skip();
    const script = `printf 'batch_1\\nbatch_2\\nbatch_3\\n' | while read -r id; do "$@" --batch-id "$id" 2>/dev/null; echo "$id"; done`;
    const { stdout } = await runInShell(script, ['batch', 'delete'], world);
    expect(stdout).to.equal('batch_1\nbatch_2\nbatch_3\n');
  });
});
