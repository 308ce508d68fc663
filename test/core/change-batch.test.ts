import { ProviderError, type BatchFile, type BatchStatus } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { cancelBatch, deleteBatch, deleteFiles } from '../../src/core/change-batch.js';
import { failureOf, providerFailureOf } from '../support/failure-of.js';
import { declare, makeBatch, openFake } from './support/fake-provider.js';

const refuse = (code: 'wrong_state' | 'invalid_request' | 'not_found') => async (): Promise<never> => {
  throw new ProviderError(code, 'refused');
};
const found = (status: BatchStatus) => async (id: string) => makeBatch({ id, status });

describe('cancelling a batch', () => {
  it('gives the state it is in afterwards', async () => {
    const batch = await cancelBatch(openFake({ cancel: found('cancelling') }), 'b');
    expect(batch).to.include({ id: 'b', status: 'cancelling' });
  });

  for (const status of ['completed', 'failed', 'expired'] as const) {
    for (const code of ['wrong_state', 'invalid_request'] as const) {
      it(`says that a batch is ${status} already when the provider says ${code}`, async () => {
        const session = openFake({ cancel: refuse(code), retrieve: found(status) });
        const failure = await failureOf(() => cancelBatch(session, 'b'));
        expect(failure.kind).to.equal('state');
        expect(failure.message).to.equal(`Batch b has ended already: it is ${status}`);
        expect(failure.hint).to.contain('batch results --batch-id b');
      });
    }
  }

  it('says so too where the provider simply returns the batch', async () => {
    const failure = await failureOf(() => cancelBatch(openFake({ cancel: found('completed') }), 'b'));
    expect(failure.kind).to.equal('state');
  });

  it('is done if the batch is cancelled already', async () => {
    const session = openFake({ cancel: refuse('wrong_state'), retrieve: found('cancelled') });
    expect((await cancelBatch(session, 'b')).status).to.equal('cancelled');
  });

  it('passes on a refusal that the state does not explain', async () => {
    const session = openFake({ cancel: refuse('invalid_request'), retrieve: found('processing') });
    expect((await providerFailureOf(() => cancelBatch(session, 'b'))).message).to.equal('refused');
  });

  it('does not look for a batch that is not there', async () => {
    const failure = await providerFailureOf(() =>
      cancelBatch(openFake({ cancel: refuse('not_found') }), 'b'),
    );
    expect(failure.code).to.equal('not_found');
  });
});

describe('deleting a batch', () => {
  it('explains what to do about one that still runs', async () => {
    const session = openFake({ delete: refuse('invalid_request'), retrieve: found('processing') });
    const failure = await failureOf(() => deleteBatch(session, 'b'));
    expect(failure.kind).to.equal('state');
    expect(failure.message).to.equal(
      'Batch b is still processing; only a batch that has ended can be deleted',
    );
    expect(failure.hint).to.contain('batch cancel --batch-id b');
  });

  it('passes on a refusal that the state does not explain', async () => {
    const session = openFake({ delete: refuse('invalid_request'), retrieve: found('completed') });
    await providerFailureOf(() => deleteBatch(session, 'b'));
  });

  it('is refused with the note of a provider that cannot, before a key is asked for', async () => {
    const capabilities = { ...declare().capabilities, delete: { supported: false, note: 'Not via API' } };
    const session = openFake({}, { capabilities, credentials: ['FAKE_KEY'] });
    const failure = await failureOf(() => deleteBatch(session, 'b'));
    expect(failure).to.include({ kind: 'unsupported', message: 'Not via API' });
  });

  it('does not claim what a plugin declares but cannot do', async () => {
    expect((await failureOf(() => deleteBatch(openFake(), 'b'))).kind).to.equal('unsupported');
  });
});

describe('deleting the files of a batch', () => {
  const files: BatchFile[] = [
    { kind: 'input', id: 'i' },
    { kind: 'output', id: 'o' },
  ];

  it('goes on past a file that is gone already', async () => {
    const session = openFake({
      deleteFile: async ({ kind }) => {
        if (kind === 'input') throw new ProviderError('not_found', 'gone');
      },
    });
    expect((await deleteFiles(session, files)).map(({ deleted }) => deleted)).to.deep.equal([false, true]);
  });

  it('ends with another failure', async () => {
    const session = openFake({ deleteFile: refuse('invalid_request') });
    await providerFailureOf(() => deleteFiles(session, files));
  });

  it('does not claim what a plugin declares but cannot do', async () => {
    expect((await failureOf(() => deleteFiles(openFake(), files))).kind).to.equal('unsupported');
  });
});
