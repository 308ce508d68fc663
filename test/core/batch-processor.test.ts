import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchProvider, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { BatchProcessor } from '../../src/core/batch-processor.js';
import { ResultSummary } from '../../src/core/result-summary.js';
import { writeResults, type ResultFormat } from '../../src/core/write-results.js';
import { ProviderRegistry } from '../../src/registry/provider-registry.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { allOf, inPieces, textOf } from '../support/streams.js';
import { makeBatch, openFake } from './support/fake-provider.js';

const hello = [{ role: 'user', content: 'hi' }];

function processorFor(
  provider: Partial<BatchProvider> = {},
  declared: Partial<ProviderDeclaration> = { defaultModel: 'm' },
): BatchProcessor {
  const registry = new ProviderRegistry([]);
  return new BatchProcessor('', undefined, { session: openFake(provider, declared), registry });
}

describe('the batch processor', () => {
  let folder: string;
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ path: folder, remove } = await temporaryFolder());
    path = join(folder, 'requests.jsonl');
  });
  afterEach(() => remove());

  it('writes requests, and gives the path', async () => {
    expect(await processorFor().createBatchFromMessages({ messagesList: [hello], filePath: path })).to.equal(
      path,
    );
    expect(JSON.parse(await readFile(path, 'utf8'))).to.include({ custom_id: 'request-0', model: 'm' });
  });

  it('writes nothing if a row is wrong', async () => {
    const failure = await failureOf(() =>
      processorFor().createBatchFromMessages({ messagesList: [hello, []], filePath: path }),
    );
    expect(failure.message).to.equal('messages has a problem; nothing was written');
    expect(failure.details).to.deep.equal(['messages:2: the list of messages is empty']);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('writes nothing if the rows break off', async () => {
    const messages = (async function* () {
      yield hello;
      throw new Error('the database is gone');
    })();
    await processorFor()
      .createBatchFromMessages({ messages, filePath: path })
      .catch((error: Error) => expect(error.message).to.equal('the database is gone'));
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('needs a model from somewhere', async () => {
    const processor = processorFor({}, {});
    const failure = await failureOf(() =>
      processor.createBatchFromMessages({ messagesList: [hello], filePath: path }),
    );
    expect(failure.message).to.equal('Fake has no default model');
  });

  it('sends nothing if the file is wrong, and does not ask if it is told not to check', async () => {
    let sent = '';
    const processor = processorFor({
      submit: async ({ source }) => {
        sent = await textOf(source.open());
        return makeBatch({ id: 'new' });
      },
    });
    await writeFile(path, '');
    expect((await failureOf(() => processor.submitBatch(path))).message).to.contain('nothing was sent');
    expect((await processor.submitBatch(path, { validate: false })).id).to.equal('new');
    await writeFile(path, 'not json\n');
    await failureOf(() => processor.submitBatch(path));
    expect(sent).to.equal('');
    await processor.submitBatch(path, { validate: false });
    expect(sent).to.equal('not json\n');
  });

  it('has no results of a batch that runs', async () => {
    const processor = processorFor({ retrieve: async (id) => makeBatch({ id, status: 'processing' }) });
    const failure = await failureOf(() => allOf(processor.results('b')));
    expect(failure.kind).to.equal('state');
    expect(failure.hint).to.contain('batch wait b');
  });

  it('reads results that were downloaded before, and names a line that cannot be read', async () => {
    const text = '\n{"custom_id":"a","answer":"x"}\noops\n';
    const rows: unknown[] = [];
    const failure = await failureOf(async () => {
      for await (const row of processorFor().parseResults(inPieces(text, 9))) rows.push(row);
    });
    expect(rows).to.have.length(1);
    expect(failure.message).to.match(/^Line 3 of the results cannot be read: /);
  });

  describe('writing results', () => {
    const lines = '{"custom_id":"a","answer":"{\\"n\\":1}"}\n{"custom_id":"b","error":"no"}\n';
    const provider: Partial<BatchProvider> = {
      retrieve: async (id) => makeBatch({ id, files: [{ kind: 'output', id: 'o' }] }),
      openFile: async () => ({ stream: inPieces(lines, 30), offset: 0 }),
    };

    async function write(format: ResultFormat, given = provider): Promise<string> {
      const processor = processorFor(given);
      await writeResults({
        processor,
        batchIds: ['b'],
        path,
        format,
        results: { summary: new ResultSummary() },
      });
      return await readFile(path, 'utf8');
    }

    it('gives a JSON line for each row', async () => {
      const records = (await write('jsonl'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as object);
      expect(records).to.deep.equal([
        { custom_id: 'a', outcome: 'succeeded', success: true, result: { n: 1 } },
        { custom_id: 'b', outcome: 'errored', success: false, error: { type: 'broken', message: 'no' } },
      ]);
    });

    it('gives one JSON document, of no rows too', async () => {
      expect(JSON.parse(await write('json'))).to.have.length(2);
      path = join(folder, 'none.json');
      const none = { ...provider, retrieve: async () => makeBatch() };
      expect(JSON.parse(await write('json', none))).to.deep.equal([]);
    });

    it('gives CSV with a head', async () => {
      expect((await write('csv')).split('\n')).to.have.length(4);
    });

    it('leaves nothing behind if the results cannot be read', async () => {
      const failing: Partial<BatchProvider> = {
        ...provider,
        openFile: async () => {
          throw new Error('no');
        },
      };
      await write('jsonl', failing).catch(() => undefined);
      expect(await readdir(folder)).to.deep.equal([]);
    });
  });
});
