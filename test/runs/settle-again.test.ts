import { expect } from 'chai';
import { startWorld, type World } from '../support/world.js';

describe('a shard that is sent again after its batch failed', () => {
  let world: World;

  beforeEach(async () => {
    // The queue is full at first; then the answer to the creation is lost, and the list lags behind.
    world = await startWorld({
      faults: [
        { fault: 'queue-full', count: 1 },
        { fault: 'create-lost', after: 1, count: 1 },
        { fault: 'stale-list', after: 1, count: 1, ms: 1000 },
      ],
    });
    await world.write('words.csv', 'word\none\ntwo\n');
  });
  afterEach(() => world.close());

  it('is not taken for the failed one, whose input file it has, and not paid twice', async () => {
    const asked = ['--input', 'words.csv', '--prompt', 'Translate {{ word }}', '--run-dir', 'run', '--yes'];
    const ran = await world.run(['batch', 'run', ...asked, '--poll', '0.05', '--settle', '3']);
    expect(ran.code, ran.stderr).to.equal(0);
    expect(world.sandbox.created().map(({ status }) => status)).to.deep.equal(['failed', 'completed']);
  });
});
