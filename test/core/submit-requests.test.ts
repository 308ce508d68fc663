import type { SubmitOptions } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import type { CheckedFile } from '../../src/core/check-request-file.js';
import { planSubmit, submitRequests } from '../../src/core/submit-requests.js';
import { failureOf } from '../support/failure-of.js';
import { declare, makeBatch, openFake } from './support/fake-provider.js';

const plain = declare();
const rich = declare({
  completionWindows: ['24h', '7d'],
  capabilities: {
    ...plain.capabilities,
    metadata: { maxPairs: 3, maxKeyLength: 8, maxValueLength: 10 },
    expiry: { minSeconds: 3600, maxSeconds: 7200 },
  },
});

describe('planning what is sent beside the requests', () => {
  it('puts the description into the metadata', () => {
    expect(planSubmit(rich, { description: '', metadata: { a: '1' } }).metadata).to.deep.equal({ a: '1' });
    const limits = { maxPairs: 16, maxKeyLength: 64, maxValueLength: 512 };
    const roomy = declare({ capabilities: { ...plain.capabilities, metadata: limits } });
    expect(planSubmit(roomy, { description: 'Job', metadata: { a: '1' } }).metadata).to.deep.equal({
      description: 'Job',
      a: '1',
    });
    expect(
      planSubmit(roomy, { description: 'Job', metadata: { description: 'Mine' } }).metadata,
    ).to.deep.equal({
      description: 'Mine',
    });
  });

  it('says that a description goes nowhere, and refuses metadata, where there is none', async () => {
    expect(planSubmit(plain, { description: 'Job' })).to.deep.include({
      metadata: undefined,
      notes: ['Fake batches carry no metadata: the description is not sent'],
    });
    const failure = await failureOf(() => planSubmit(plain, { metadata: { a: '1' } }));
    expect(failure.kind).to.equal('unsupported');
  });

  for (const [metadata, message] of [
    [{ a: '', b: '', c: '', d: '' }, '4 metadata pairs are more than the 3 that Fake takes'],
    [{ ninechars: '' }, 'The metadata key "ninechars" is longer than the 8 characters that Fake takes'],
    [{ a: '12345678901' }, 'The metadata value of "a" is longer than the 10 characters that Fake takes'],
  ] as const) {
    it(`refuses before sending: ${message}`, async () => {
      const failure = await failureOf(() => planSubmit(rich, { metadata }));
      expect(failure).to.include({ kind: 'usage', message });
    });
  }

  it('counts the description as a pair, and measures it', async () => {
    const wide = {
      ...rich,
      capabilities: { ...rich.capabilities, metadata: { maxPairs: 1, maxKeyLength: 20, maxValueLength: 10 } },
    };
    const pairs = await failureOf(() => planSubmit(wide, { description: 'Job', metadata: { a: '1' } }));
    expect(pairs.hint).to.equal('The description is one of them');
    const long = await failureOf(() => planSubmit(wide, { description: 'x'.repeat(11) }));
    expect(long.message).to.equal('The description is longer than the 10 characters that Fake takes');
  });

  it('sends the window that was asked for, else the first', () => {
    expect(planSubmit(rich, {}).completionWindow).to.equal('24h');
    const asked = { completionWindow: { value: '7d', explicit: true } };
    expect(planSubmit(rich, asked).completionWindow).to.equal('7d');
    const standing = { completionWindow: { value: '1h', explicit: false } };
    expect(planSubmit(rich, standing).completionWindow).to.equal('24h');
  });

  it('refuses a window that there is not, and says which there are', async () => {
    const settings = { completionWindow: { value: '1h', explicit: true } };
    const failure = await failureOf(() => planSubmit(rich, settings));
    expect(failure.message).to.equal('Fake has no completion window of 1h');
    expect(failure.hint).to.equal('Use one of: 24h, 7d');
  });

  it('says that a window is not sent where there is none to choose, if the user asked for it', () => {
    const explicit = planSubmit(plain, { completionWindow: { value: '24h', explicit: true } });
    expect(explicit.completionWindow).to.equal(undefined);
    expect(explicit.notes).to.deep.equal(['Fake has no completion window to choose: 24h is not sent']);
    expect(planSubmit(plain, { completionWindow: { value: '24h', explicit: false } }).notes).to.deep.equal(
      [],
    );
  });

  for (const [seconds, fine] of [
    [3599, false],
    [3600, true],
    [7200, true],
    [7201, false],
  ] as const) {
    it(`${fine ? 'takes' : 'refuses'} a lifetime of ${seconds} seconds`, async () => {
      const plan = (): unknown => planSubmit(rich, { expiresAfterSeconds: seconds }).expiresAfterSeconds;
      if (fine) expect(plan()).to.equal(seconds);
      else expect((await failureOf(plan)).message).to.contain('between 3600 and 7200 seconds');
    });
  }

  it('refuses a lifetime where there is none to set', async () => {
    const failure = await failureOf(() => planSubmit(plain, { expiresAfterSeconds: 1 }));
    expect(failure.kind).to.equal('unsupported');
  });
});

describe('submitting', () => {
  it('hands the provider the file and the plan', async () => {
    const sent: SubmitOptions[] = [];
    const session = openFake(
      {
        submit: async (options) => {
          sent.push(options);
          return makeBatch();
        },
      },
      rich,
    );
    const source = { name: 'f.jsonl', bytes: 1, requests: 1, open: () => [] as never };
    const file = { source, endpoint: '/x', models: ['m', 'n'], traits: ['t'] } as unknown as CheckedFile;
    await submitRequests({ session, file, metadata: { a: '1' }, expiresAfterSeconds: 3600 });
    expect(sent).to.have.length(1);
    expect(sent[0]).to.deep.include({
      source,
      endpoint: '/x',
      model: 'm',
      traits: ['t'],
      metadata: { a: '1' },
      completionWindow: '24h',
      expiresAfterSeconds: 3600,
    });
  });
});
