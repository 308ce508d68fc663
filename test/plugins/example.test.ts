import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ACME } from '../support/plugins.js';
import { cleanEnv, ROOT } from '../support/run-instructor.js';

const run = promisify(execFile);

/** What authors copy has to be right as it stands. */
describe('the example of a provider plugin', function () {
  this.timeout(60_000);

  it('passes its own tests', async () => {
    const args = ['--test', '--test-reporter=tap'];
    const { stdout } = await run(process.execPath, args, { cwd: ACME, env: cleanEnv(ROOT) });

    expect(stdout)
      .to.match(/^# fail 0$/m)
      .and.to.match(/^# pass [1-9]\d+$/m);
  });

  it('has no mistake in its types', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', ACME]).catch(
      (error: { stdout: string }) => error,
    );

    expect(stdout).to.equal('');
  });
});
