import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect } from 'chai';
import { BIN, cleanEnv, temporaryFolder } from '../support/run-instructor.js';

describe('output that cannot be written', () => {
  it('is one error of two lines, not a crash', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const { path, remove } = await temporaryFolder();
    const full = openSync('/dev/full', 'w');
    try {
      const { status, stderr } = spawnSync(process.execPath, [BIN, 'providers', '--json'], {
        cwd: path,
        env: cleanEnv(path),
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      expect(stderr.split('\n')[0]).to.equal('Error: Cannot write to standard output: the disk is full');
      expect(stderr).not.to.match(/^\s+at /m);
      expect(status).to.equal(1);
    } finally {
      closeSync(full);
      await remove();
    }
  });
});
