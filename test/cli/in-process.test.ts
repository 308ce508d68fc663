import { settings } from '@oclif/core';
import { runCommand } from '@oclif/test';
import { expect } from 'chai';
import { ROOT } from '../support/run-instructor.js';

describe('commands in the process of a program', () => {
  // As the installed program does; else oclif would register its own transpiler in this process.
  before(() => (settings.enableAutoTranspile = false));

  it('give their result back, and the exit code with the error', async () => {
    const providers = await runCommand<{ providers: { id: string }[] }>(['providers', '--json'], {
      root: ROOT,
    });
    expect(providers.result?.providers.map(({ id }) => id)).to.deep.equal(['anthropic', 'openai']);

    const refused = await runCommand(['batch', 'delete', '--batch-id', 'batch_abc'], { root: ROOT });
    expect(refused.error?.oclif?.exit).to.equal(3);
    expect(refused.stderr).to.contain('Note: OpenAI does not support batch deletion via API');
  });
});
