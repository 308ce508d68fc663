import { ProviderError, type OpenedFile, type OpenFileOptions } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import { readBatchFile, type ReadFileOptions } from '../../src/core/read-batch-file.js';
import { providerFailureOf, thrownBy } from '../support/failure-of.js';
import { textOf } from '../support/streams.js';
import { fakeProvider } from './support/fake-provider.js';

const CONTENT = 'The quick brown fox jumps over the lazy dog, ä€😀';
const BYTES = Buffer.from(CONTENT);

/** What a connection carries, and how it ends. */
interface Connection {
  from?: number;
  to?: number;
  cut?: boolean;
  total?: number;
  validator?: string;
}

async function* carry({ from = 0, to = BYTES.byteLength, cut }: Connection): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; at += 7) yield BYTES.subarray(at, Math.min(to, at + 7));
  if (cut) throw Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } });
}

/** A server whose connections go as told, one after the other. */
function server(...connections: Connection[]): { asked: OpenFileOptions[]; read: Reader } {
  const asked: OpenFileOptions[] = [];
  const provider = fakeProvider({
    openFile: async (_file, options = {}): Promise<OpenedFile> => {
      const connection = connections[Math.min(asked.length, connections.length - 1)] ?? {};
      asked.push(options);
      const { from = 0, total, validator } = connection;
      return { stream: carry(connection), offset: from, totalBytes: total, validator };
    },
  });
  return {
    asked,
    read: (options) => readBatchFile(provider, { kind: 'output', id: 'f' }, { name: 'Fake', ...options }),
  };
}
type Reader = (options?: Partial<ReadFileOptions>) => AsyncGenerator<Uint8Array>;

const total = BYTES.byteLength;

describe('reading a file of a batch', () => {
  it('gives every byte of a whole connection', async () => {
    const { asked, read } = server({ total });
    expect(await textOf(read())).to.equal(CONTENT);
    expect(asked).to.have.length(1);
  });

  it('goes on where the connection was cut, for the same version of the file', async () => {
    const { asked, read } = server(
      { to: 20, cut: true, total, validator: '"v1"' },
      { from: 20, total, validator: '"v1"' },
    );
    const resumes: number[] = [];
    expect(await textOf(read({ onResume: ({ at }) => resumes.push(at) }))).to.equal(CONTENT);
    expect(asked.map(({ offset, ifRange }) => [offset, ifRange])).to.deep.equal([
      [0, undefined],
      [20, '"v1"'],
    ]);
    expect(resumes).to.deep.equal([20]);
  });

  for (const to of [1, 6, 7, 8, 20]) {
    it(`skips the ${to} bytes that are known if the server begins anew`, async () => {
      const { read } = server({ to, cut: true }, {});
      const resumes: number[] = [];
      expect(await textOf(read({ onResume: ({ at }) => resumes.push(at) }))).to.equal(CONTENT);
      expect(resumes).to.deep.equal([0]);
    });
  }

  it('takes a stream that ends before the announced length for broken', async () => {
    const { asked, read } = server({ to: 30, total }, { from: 30, total });
    expect(await textOf(read())).to.equal(CONTENT);
    expect(asked).to.have.length(2);
  });

  it('takes an anew begun stream that ends before what is known for broken', async () => {
    const { read } = server({ to: 30, cut: true }, { to: 10 });
    expect((await providerFailureOf(() => textOf(read({ maxRestarts: 1 })))).code).to.equal('network');
  });

  it('tells how far it is', async () => {
    const { read } = server({ to: 14, cut: true, total }, { total });
    const seen: number[] = [];
    await textOf(read({ onProgress: (received, whole) => seen.push(received, whole ?? -1) }));
    expect(seen.slice(0, 4)).to.deep.equal([7, total, 14, total]);
    expect(seen.slice(-2)).to.deep.equal([total, total]);
    expect(seen.filter((_, at) => at % 2 === 0)).to.deep.equal(
      [...new Set(seen.filter((_, at) => at % 2 === 0))].sort((a, b) => a - b),
    );
  });

  for (const [first, second] of [
    ['"v1"', '"v2"'],
    ['"v1"', undefined],
  ]) {
    it(`does not glue another version to what it has (${first}, then ${second})`, async () => {
      const { read } = server({ to: 20, cut: true, total, validator: first }, { total, validator: second });
      const failure = await providerFailureOf(() => textOf(read()));
      expect(failure.message).to.equal('Fake sent another version of the file after the connection broke');
      expect(failure.hint).to.equal('Run the command again');
    });
  }

  it('refuses a part that leaves a hole', async () => {
    const { read } = server({ to: 20, cut: true, total }, { from: 25, total });
    expect((await providerFailureOf(() => textOf(read()))).message).to.equal(
      'Fake left out a part of the file',
    );
  });

  it('gives up after tries that brought nothing', async () => {
    const { asked, read } = server({ to: 20, cut: true, total }, { from: 20, to: 20, cut: true, total });
    const failure = await providerFailureOf(() => textOf(read({ maxRestarts: 2 })));
    expect(failure.code).to.equal('network');
    expect(failure.hint).to.contain('no incomplete file was left behind');
    expect(asked).to.have.length(3);
  });

  it('says so if the server keeps sending too little', async () => {
    const { read } = server({ to: 0, total });
    const failure = await providerFailureOf(() => textOf(read({ maxRestarts: 1 })));
    expect(failure.message).to.equal('Fake keeps sending less of the file than it announced');
  });

  it('passes on what the provider says when it is opened', async () => {
    const provider = fakeProvider({
      openFile: async () => {
        throw new ProviderError('not_found', 'gone');
      },
    });
    const read = readBatchFile(provider, { kind: 'output', id: 'f' }, { name: 'Fake' });
    expect((await providerFailureOf(() => textOf(read))).message).to.equal('gone');
  });

  it('ends at once when it is interrupted while it pauses', async () => {
    const controller = new AbortController();
    const { asked, read } = server({ to: 20, cut: true, total });
    setTimeout(() => controller.abort(), 20);
    const started = Date.now();
    const error = await thrownBy(() => textOf(read({ signal: controller.signal })));
    expect(error).to.have.property('name', 'AbortError');
    expect(Date.now() - started).to.be.lessThan(240);
    expect(asked).to.have.length(1);
  });

  it('does not take up again what was interrupted', async () => {
    const controller = new AbortController();
    const { asked, read } = server({ to: 20, cut: true, total });
    const error = await thrownBy(() =>
      textOf(read({ signal: controller.signal, onProgress: () => controller.abort() })),
    );
    expect(error).to.have.property('message', 'terminated');
    expect(asked).to.have.length(1);
  });
});
