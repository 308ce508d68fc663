import { expect } from 'chai';
import { endedOpenAI, seedOpenAI } from '../support/batches.js';
import { expectFailure } from '../support/expect-failure.js';
import { errorSchema, parseAs, retrySchema } from '../support/json-schemas.js';
import { startRetryWorld, type Provider } from '../support/retry-world.js';
import { NEVER, openaiRequests, startWorld, type World } from '../support/world.js';

describe('batch retry leaves things as they are', () => {
  let world: World;
  let batches: Record<Provider, string>;
  const retry = async (...args: string[]) => await world.run(['batch', 'retry', ...args]);
  const idsIn = async (name: string): Promise<unknown[]> =>
    (await world.rows(name)).map(({ custom_id }) => custom_id);
  const made = (): number => world.sandbox.stats().batchesCreated;

  before(async () => {
    ({ world, batches } = await startRetryWorld());
  });
  after(() => world.close());

  it('leaves out the lines for which the whole batch was refused', async () => {
    const requests = openaiRequests(2) + openaiRequests(3).split('\n')[2]?.replace('gpt-4o-mini', 'gpt-4.1') + '\n'; // prettier-ignore
    const id = await endedOpenAI(world, requests);
    await world.write('mixed.jsonl', requests);
    const result = await retry(id, '--requests-file', 'mixed.jsonl');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.match(/^Warning: OpenAI: line 3: /m);
    expect(await idsIn('mixed.retry-1.jsonl')).to.deep.equal(['row-0', 'row-1']);
    const [refused] = await world.rows('mixed.retry-1.left-out.jsonl');
    expect(refused).to.deep.include({ custom_id: 'row-2', outcome: 'missing', type: 'refused_line' });
    expect(refused?.['why']).to.be.a('string').that.is.not.equal('');
  });

  it('says where the new requests are if they cannot be submitted', async () => {
    const requests = openaiRequests(1) + openaiRequests(2, { model: 'gpt-4.1' }).split('\n')[1];
    const failed = await endedOpenAI(world, requests);
    await world.write('refused.jsonl', requests);
    const before = made();
    const result = await retry(failed, '--requests-file', 'refused.jsonl', '--include-lasting', '--submit');
    expectFailure(result, { code: 1, says: /refused\.retry-1\.jsonl has a problem; nothing was sent/ });
    expect(result.stderr).to.match(/^The new requests are in refused\.retry-1\.jsonl$/m);
    expect(result.stderr).to.match(/^To submit it: .* --file-path refused\.retry-1\.jsonl/m);
    expect(await idsIn('refused.retry-1.jsonl')).to.deep.equal(['row-0', 'row-1']);
    expect(made()).to.equal(before);
  });

  it('writes no file if there is nothing to ask again, and submits nothing', async () => {
    const id = await endedOpenAI(world, openaiRequests(2));
    await world.write('fine.jsonl', openaiRequests(2));
    const before = made();
    const result = await retry(id, '--requests-file', 'fine.jsonl', '--submit', '--json');
    expect(result.code, result.stderr).to.equal(0);
    expect(parseAs(retrySchema, result.stdout)).to.deep.include({ file: null, requests: 0, done: 2, batch: null }); // prettier-ignore
    expect(result.stderr).to.match(/^Every row has an answer$/m);
    expect(made()).to.equal(before);
    expect((await world.files()).filter((name) => name.startsWith('fine'))).to.deep.equal(['fine.jsonl']);
  });

  it('replaces no file without --force, and asks nothing before that is clear', async () => {
    await world.write('taken.jsonl', 'precious');
    await world.write('list.left-out.jsonl', 'precious');
    world.sandbox.resetRequests();
    const base = [batches.openai, '--requests-file', 'openai.jsonl'];
    const [taken, beside, same] = await Promise.all([
      retry(...base, '--output-file', 'taken.jsonl'),
      retry(...base, '--output-file', 'list.jsonl'),
      retry(...base, '--output-file', 'openai.jsonl', '--force'),
    ]);
    expectFailure(taken, { code: 2, says: /taken\.jsonl exists already/, advises: /--force/ });
    expectFailure(beside, { code: 2, says: /list\.left-out\.jsonl exists already/ });
    expectFailure(same, { code: 2, says: /openai\.jsonl is also what is read/ });
    expect(world.sandbox.requests).to.deep.equal([]);
    const forced = await retry(...base, '--output-file', 'taken.jsonl', '--force');
    expect(forced.code, forced.stderr).to.equal(0);
    expect(await idsIn('taken.jsonl')).to.have.length(4);
    expect(await world.files()).to.not.include('list.jsonl');
  });

  it('does not ask everything again because of a request file of another batch', async () => {
    const part = (await world.read('openai.jsonl')).split('\n').slice(0, 2).join('\n');
    await world.write('part.jsonl', part);
    await world.write('other.jsonl', openaiRequests(3));
    await world.write('broken.jsonl', '{"custom_id":"x"}\nnot JSON\n');
    await world.write('empty.jsonl', '');
    const second = await endedOpenAI(world, `${part}\n`);
    const [other, forgotten, broken, empty, subset] = await Promise.all([
      retry(batches.openai, '--requests-file', 'other.jsonl', '--submit'),
      retry(second, '--requests-file', 'openai.jsonl', '--submit', '--json'),
      retry(batches.openai, '--requests-file', 'broken.jsonl'),
      retry(batches.openai, '--requests-file', 'empty.jsonl'),
      retry(batches.openai, '--requests-file', 'part.jsonl'),
    ]);
    expectFailure(other, {
      code: 1,
      says: /No answer of batch_\w+ belongs to a request of other\.jsonl/,
      advises: /submitted first/,
    });
    expect(forgotten.code).to.equal(1);
    expect(parseAs(errorSchema, forgotten.stdout).error.message).to.match(
      /openai\.jsonl holds 9 requests, but batch_\w+ had 2/,
    );
    expectFailure(broken, { code: 1, says: /broken\.jsonl:2: this is not a request/ });
    expectFailure(empty, { code: 1, says: /empty\.jsonl holds no request/ });
    expect(subset.stderr).to.match(/^Warning: 6 answers of no request in part\.jsonl/m);
    const files = await world.files();
    for (const name of ['other', 'broken', 'empty'])
      expect(files, name).to.not.include(`${name}.retry-1.jsonl`);
  });

  it('takes the first requests from standard input if the new ones have a name', async () => {
    const input = await world.read('openai.jsonl');
    const args = ['batch', 'retry', batches.openai, '--requests-file', '-'];
    const [nameless, named] = await Promise.all([
      world.run(args, { input }),
      world.run([...args, '--output-file', 'piped.jsonl'], { input }),
    ]);
    expectFailure(nameless, { code: 2, says: /standard input/, advises: /--output-file/ });
    expect(named.code, named.stderr).to.equal(0);
    expect(await idsIn('piped.jsonl')).to.have.length(4);
  });

  it('says what is wrong with flags, keys and batches', async () => {
    const base = [batches.openai, '--requests-file', 'openai.jsonl', '--output-file', 'never.jsonl'];
    const [reask, outcome, unchecked, keyless, wrongKey, gone, output, mixed] = await Promise.all([
      retry(...base, '--reask'),
      retry(...base, '--outcomes', 'errored,tired'),
      retry(...base, '--outcomes', 'invalid'),
      world.run(['batch', 'retry', ...base], { env: { OPENAI_API_KEY: '' } }),
      world.run(['batch', 'retry', ...base], { env: { OPENAI_API_KEY: 'sk-wrong' } }),
      retry('batch_gone', '--requests-file', 'openai.jsonl', '--output-file', 'gone.jsonl'),
      retry(batches.openai, '--requests-file', 'openai.jsonl', '--output-file', '-', '--submit'),
      retry(batches.openai, batches.anthropic, '--requests-file', 'openai.jsonl'),
    ]);
    expectFailure(reask, { code: 2, says: /--response-model/ });
    expectFailure(outcome, { code: 2, says: /"tired" is no outcome/, advises: /errored/ });
    expectFailure(unchecked, { code: 2, says: /--outcomes invalid/, advises: /--response-model/ });
    expectFailure(keyless, { code: 4, says: /OPENAI_API_KEY/ });
    expect(wrongKey.code).to.equal(4);
    expect(wrongKey.stderr).to.not.include('sk-wrong');
    expectFailure(gone, { code: 1, says: /No batch found/ });
    expectFailure(output, { code: 2, says: /standard output/ });
    expect(mixed.code).to.equal(2);
    expect(await world.files()).to.not.include.members(['never.jsonl']);
    expect((await world.files()).filter((name) => name.endsWith('.tmp'))).to.deep.equal([]);
  });

  it('ends with exit code 5 while the batch runs', async () => {
    const running = await startWorld({ timing: NEVER });
    try {
      await running.write('r.jsonl', openaiRequests(1));
      const [id = ''] = await seedOpenAI(running, openaiRequests(1));
      const result = await running.run(['batch', 'retry', id, '--requests-file', 'r.jsonl']);
      expectFailure(result, { code: 5, says: /is still/, advises: /batch wait/ });
      expect(await running.files()).to.deep.equal(['r.jsonl']);
    } finally {
      await running.close();
    }
  });
});
