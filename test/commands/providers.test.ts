import { expect } from 'chai';
import { expectFailure } from '../support/expect-failure.js';
import { parseAs, providersSchema } from '../support/json-schemas.js';
import { runInstructor } from '../support/run-instructor.js';

describe('providers', () => {
  it('shows what each provider can do, from the declarations', async () => {
    const [text, keyed, wide] = await Promise.all([
      runInstructor(['providers'], { env: { COLUMNS: '80' } }),
      runInstructor(['providers'], { env: { OPENAI_API_KEY: 'sk-secret-value' } }),
      runInstructor(['providers'], { env: { COLUMNS: '160' } }),
    ]);
    expect(text.code).to.equal(0);
    expect(text.stderr).to.equal('');
    expect(text.stdout).to.include('Provider Support Matrix');
    expect(text.stdout).to.match(/Delete +│ ✓ Ended batches +│ ✗ Not supported/);
    expect(text.stdout).to.match(
      /anthropic .*@instructor-cli\/anthropic .*bundled.*no key \(ANTHROPIC_API_KEY/,
    );
    expect(keyed.stdout).to.match(/openai .*key set/);
    expect(keyed.stdout).to.not.include('sk-secret-value');
    for (const line of text.stdout.split('\n').filter((one) => /[│┃━─]/.test(one))) {
      expect(line.length, line).to.be.at.most(80);
    }
    expect(wide.stdout).to.include('OpenAI').and.to.include('Anthropic');
  });

  it('documents the declarations with --json', async () => {
    const { stdout, code } = await runInstructor(['providers', '--json']);
    expect(code).to.equal(0);
    const { providers, warnings } = parseAs(providersSchema, stdout);
    expect(providers.map(({ id }) => id)).to.have.members(['openai', 'anthropic']);
    expect(providers.find(({ id }) => id === 'openai')?.capabilities.delete).to.deep.equal({
      supported: false,
      note: 'OpenAI does not support batch deletion via API',
    });
    expect(warnings).to.deep.equal([]);
  });

  it('takes no arguments', async () => {
    expectFailure(await runInstructor(['providers', 'openai']), { code: 2, says: /openai/, advises: /Try:/ });
  });
});
