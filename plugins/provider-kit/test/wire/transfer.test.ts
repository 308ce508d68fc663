import type { IncomingMessage, ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import nock from 'nock';
import { bodyOf, discardBody, FILE_TYPE, transferFetch, uploadStream } from '../../src/wire/transfer.js';
import { caught } from '../support/caught.js';
import { collect, collectText } from '../support/collect.js';
import { withoutServer, withServer } from '../support/loopback.js';

const MB = 1024 * 1024;
/** What a connection that was cut may be called, depending on what noticed it. */
const CUT = ['ECONNRESET', 'EPIPE'];

/** Interception would stand between the connection and what is tested here. */
function onRealConnections(): void {
  before(() => {
    nock.restore();
    syncBuiltinESMExports();
  });
  after(() => {
    nock.activate();
    // The helpers for servers leave it off.
    nock.enableNetConnect();
    syncBuiltinESMExports();
  });
}

/** A server that says and does what no proper HTTP server would. */
async function withSockets(
  serve: (socket: Socket) => void,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function received(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat((await collect(request)) as Buffer[]);
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A promise with what settles it. */
function gate<T = void>(): { passed: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => undefined;
  const passed = new Promise<T>((resolve) => (open = resolve));
  return { passed, open };
}

/** Waits until a number has stopped growing. */
async function settled(read: () => number): Promise<number> {
  for (let last = -1; ;) {
    const now = read();
    if (now === last && now > 0) return now;
    last = now;
    await sleep(100);
  }
}

/** What never ends would keep its server, too: it is an error of the test after a second. */
async function soon<T>(work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(1000, undefined, stop).then((): never => {
    throw new Error('it is still waiting after a second');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

interface Pieces extends AsyncIterable<Uint8Array> {
  given: number;
  finished: boolean;
}

/** Pieces of a size, all of them in the same memory, and how many of their bytes were asked for. */
function piecesOfSize(size: number, count: number): Pieces {
  const memory = Buffer.alloc(size);
  const pieces: Pieces = {
    given: 0,
    finished: false,
    async *[Symbol.asyncIterator]() {
      try {
        for (let number = 0; number < count; number += 1) {
          memory.fill(number);
          pieces.given += size;
          yield memory;
        }
      } finally {
        pieces.finished = true;
      }
    },
  };
  return pieces;
}

function wholeOf(size: number, count: number): Buffer {
  return Buffer.concat([...Array(count).keys()].map((number) => Buffer.alloc(size, number)));
}

function send(
  url: string,
  chunks: AsyncIterable<Uint8Array>,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return transferFetch(url, { method: 'POST', body: uploadStream(chunks), ...init });
}

function fetchFile(url: string, init: RequestInit = {}): Promise<Response> {
  return transferFetch(url, { ...init, headers: { accept: FILE_TYPE } });
}

describe('sending a file', () => {
  onRealConnections();

  it('sends it byte for byte with the headers it was given, and gives the answer', async () => {
    const [size, count] = [100_003, 97];
    let seen: Pick<IncomingMessage, 'method' | 'url' | 'headers'> | undefined;
    let body: Buffer | undefined;
    await withServer(
      (request, response) => {
        seen = request;
        void received(request).then((bytes) => {
          body = bytes;
          response.setHeader('x-request-id', 'req_1');
          answerJson(response, 201, { id: 'file_1' });
        });
      },
      async (url) => {
        const answer = await send(`${url}/v1/files?a=1`, piecesOfSize(size, count), {
          headers: {
            'Content-Type': 'application/jsonl',
            'content-length': String(size * count),
            authorization: 'Bearer key',
          },
        });
        expect(answer).to.include({ status: 201, statusText: 'Created', ok: true });
        expect(answer.headers.get('x-request-id')).to.equal('req_1');
        expect(await answer.json()).to.deep.equal({ id: 'file_1' });
      },
    );
    expect(seen).to.include({ method: 'POST', url: '/v1/files?a=1' });
    expect(seen?.headers).to.include({
      'content-type': 'application/jsonl',
      'content-length': String(size * count),
      authorization: 'Bearer key',
    });
    expect(seen?.headers).not.to.have.property('transfer-encoding');
    expect(body?.equals(wholeOf(size, count))).to.equal(true);
  });

  for (const [name, headers] of [
    ['with a length', { 'content-length': '6' }],
    ['without', {}],
  ] as const) {
    it(`does not mind pieces without anything in them, ${name}`, async () => {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (const text of ['', 'abc', '', '', 'def', '']) yield Buffer.from(text);
      }
      await withServer(
        (request, response) => {
          void received(request).then((bytes) => response.end(bytes));
        },
        async (url) => {
          const answer = await send(url, pieces(), { headers });
          expect(await answer.text()).to.equal('abcdef');
        },
      );
    });
  }

  it('sends a file without anything in it', async () => {
    await withServer(
      (request, response) => {
        void received(request).then((bytes) => response.end(`${bytes.byteLength} bytes`));
      },
      async (url) => {
        const answer = await send(url, piecesOfSize(1, 0), { headers: { 'content-length': '0' } });
        expect(await answer.text()).to.equal('0 bytes');
      },
    );
  });

  it('reads no further than the server does', async () => {
    const [size, count] = [MB / 4, 256];
    const pieces = piecesOfSize(size, count);
    const { passed, open } = gate();
    let arrived = 0;
    await withServer(
      (request, response) => {
        void passed.then(async () => {
          for await (const part of request) arrived += (part as Buffer).byteLength;
          response.end('all');
        });
      },
      async (url) => {
        const answering = send(url, pieces, { headers: { 'content-length': String(size * count) } });
        expect(await settled(() => pieces.given)).to.be.below((size * count) / 2);
        open();
        expect(await (await answering).text()).to.equal('all');
      },
    );
    expect(arrived).to.equal(size * count);
  });

  for (const [name, after] of [
    ['and reads on', (socket: Socket) => socket.resume()],
    ['and reads no more', (socket: Socket) => socket.pause()],
  ] as const) {
    it(`gives a refusal that comes before all was sent: the server stays ${name}`, async () => {
      const [size, count] = [MB / 4, 256];
      const pieces = piecesOfSize(size, count);
      await withSockets(
        (socket) => {
          socket.once('data', () => {
            socket.pause();
            const body = JSON.stringify({ error: 'too large' });
            const head = `HTTP/1.1 413 Payload Too Large\r\ncontent-length: ${body.length}`;
            socket.write(`${head}\r\nconnection: keep-alive\r\n\r\n${body}`);
            after(socket);
          });
        },
        async (url) => {
          const answer = await send(url, pieces, { headers: { 'content-length': String(size * count) } });
          expect(answer).to.include({ status: 413, ok: false });
          expect(await answer.json()).to.deep.equal({ error: 'too large' });
        },
      );
      expect(pieces.finished).to.equal(true);
      expect(pieces.given).to.be.below(size * count);
    });
  }

  it('gives the refusal or the end of the connection when the server closes at once', async () => {
    const [size, count] = [MB / 4, 256];
    await withServer(
      (request, response) => {
        request.once('data', () => {
          request.pause();
          answerJson(response, 413, { error: 'too large' });
        });
      },
      async (url) => {
        for (let round = 0; round < 20; round += 1) {
          const pieces = piecesOfSize(size, count);
          try {
            const answer = await send(url, pieces, { headers: { 'content-length': String(size * count) } });
            expect(answer.status).to.equal(413);
          } catch (error) {
            expect(error).to.have.property('code').that.is.oneOf(CUT);
          }
          expect(pieces.finished).to.equal(true);
        }
      },
    );
  });

  it('says that the connection was cut in the middle', async () => {
    const [size, count] = [MB / 4, 256];
    await withSockets(
      (socket) => {
        let arrived = 0;
        socket.on('data', (bytes) => {
          arrived += bytes.byteLength;
          if (arrived > 2 * MB) socket.destroy();
        });
      },
      async (url) => {
        for (let round = 0; round < 20; round += 1) {
          const pieces = piecesOfSize(size, count);
          const error = await caught(
            send(url, pieces, { headers: { 'content-length': String(size * count) } }),
          );
          expect(error).to.have.property('code').that.is.oneOf(CUT);
          expect(pieces.finished).to.equal(true);
          expect(pieces.given).to.be.below(size * count);
        }
      },
    );
  });

  it('says that the connection was cut while the source had nothing to give', async () => {
    const { passed, open } = gate();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
      await passed;
      await sleep(20);
      yield Buffer.from('def');
    }
    await withSockets(
      (socket) => {
        socket.once('data', () => {
          socket.destroy();
          open();
        });
      },
      async (url) => {
        const error = await caught(send(url, pieces(), { headers: { 'content-length': '6' } }));
        expect(error).to.have.property('code').that.is.oneOf(CUT);
      },
    );
  });

  it('says that the connection was cut instead of an answer', async () => {
    await withServer(
      (request) => {
        void received(request).then(() => request.socket.destroy());
      },
      async (url) => {
        const error = await caught(send(url, piecesOfSize(1000, 3)));
        expect(error).to.have.property('code', 'ECONNRESET');
      },
    );
  });

  it('says that nothing answers at an address', async () => {
    await withoutServer(async (url) => {
      const pieces = piecesOfSize(1000, 100);
      const error = await caught(send(url, pieces));
      expect(error).to.include({ code: 'ECONNREFUSED', syscall: 'connect' });
      expect(pieces.finished).to.equal(true);
    });
  });

  it('ends when it is interrupted, and lets go of the file and of the connection', async () => {
    const [size, count] = [MB / 4, 256];
    const pieces = piecesOfSize(size, count);
    const controller = new AbortController();
    const closed = gate();
    await withServer(
      (request) => {
        request.on('error', () => undefined);
        request.once('data', () => {
          request.pause();
          request.socket.once('close', () => closed.open());
          controller.abort(new Error('enough'));
          // Only who reads notices that there is no more.
          setTimeout(() => request.resume(), 20);
        });
      },
      async (url) => {
        const error = await caught(
          send(url, pieces, {
            headers: { 'content-length': String(size * count) },
            signal: controller.signal,
          }),
        );
        expect(error).to.have.property('name', 'AbortError');
        await closed.passed;
      },
    );
    expect(pieces.finished).to.equal(true);
    expect(pieces.given).to.be.below(size * count);
  });

  it('ends when it is interrupted while it waits for the answer', async () => {
    const controller = new AbortController();
    await withServer(
      (request) => {
        void received(request).then(() => controller.abort());
      },
      async (url) => {
        const error = await caught(send(url, piecesOfSize(10, 1), { signal: controller.signal }));
        expect(error).to.have.property('name', 'AbortError');
      },
    );
  });

  it('is not begun when it was interrupted before', async () => {
    let requests = 0;
    await withServer(
      () => (requests += 1),
      async (url) => {
        const error = await caught(send(url, piecesOfSize(10, 5), { signal: AbortSignal.abort() }));
        expect(error).to.have.property('name', 'AbortError');
        await sleep(20);
      },
    );
    expect(requests).to.equal(0);
  });

  for (const after of [0, 1, 30]) {
    it(`throws what the source throws, as it is, after ${after} pieces`, async () => {
      const failure = new Error('the disk is gone');
      const closed = gate();
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let number = 0; number < after; number += 1) yield Buffer.alloc(MB / 4);
        throw failure;
      }
      await withServer(
        (request) => {
          request.on('error', () => undefined);
          request.socket.once('close', () => closed.open());
          request.resume();
        },
        async (url) => {
          const error = await caught(send(url, pieces(), { headers: { 'content-length': String(64 * MB) } }));
          expect(error).to.equal(failure);
          if (after > 0) await closed.passed;
        },
      );
    });
  }

  for (const [encoding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const) {
    it(`reads an answer that comes compressed, though nobody asked for it: ${encoding}`, async () => {
      await withServer(
        (request, response) => {
          request.resume();
          request.on('end', () => {
            response.writeHead(200, { 'content-encoding': encoding });
            response.end(compress('{"id":"file_1"}'));
          });
        },
        async (url) => {
          const answer = await send(url, piecesOfSize(10, 1));
          expect(await answer.json()).to.deep.equal({ id: 'file_1' });
        },
      );
    });
  }

  for (const encoding of ['identity', 'gzip']) {
    it(`says that the connection was cut in the middle of the answer: ${encoding}`, async () => {
      await withServer(
        (request, response) => {
          request.resume();
          request.on('end', () => {
            const body = gzipSync(JSON.stringify([...Array(1000).keys()]));
            response.writeHead(200, {
              'content-encoding': encoding,
              'content-length': String(body.byteLength),
            });
            response.write(body.subarray(0, 100), () => request.socket.destroy());
          });
        },
        async (url) => {
          const error = await caught(soon(send(url, piecesOfSize(10, 1))));
          expect(error).to.have.property('code').that.is.oneOf(CUT);
        },
      );
    });
  }

  it('takes an answer with a status that nobody knows', async () => {
    await withServer(
      (request, response) => {
        request.resume();
        request.on('end', () => response.writeHead(999).end('odd'));
      },
      async (url) => {
        const answer = await send(url, piecesOfSize(10, 1));
        expect(answer).to.include({ status: 999, ok: false });
        expect(await answer.text()).to.equal('odd');
      },
    );
  });

  it('takes an answer without a body', async () => {
    await withServer(
      (request, response) => {
        request.resume();
        request.on('end', () => response.writeHead(204).end());
      },
      async (url) => {
        const answer = await send(url, piecesOfSize(10, 1));
        expect(answer).to.include({ status: 204, body: null });
      },
    );
  });
});

describe('fetching a file', () => {
  onRealConnections();

  /** Answers with pieces as fast as they are taken, and tells how much that was. */
  function serving(
    size: number,
    count: number,
  ): {
    answer: (request: IncomingMessage, response: ServerResponse) => void;
    sent: () => number;
    closed: Promise<void>;
  } {
    let sent = 0;
    const closed = gate();
    return {
      sent: () => sent,
      closed: closed.passed,
      answer: (_request, response) => {
        response.writeHead(200, { 'content-length': String(size * count) });
        response.on('close', () => closed.open());
        const more = (number: number): void => {
          if (number === count) return void response.end();
          response.write(Buffer.alloc(size, number), (error) => {
            if (error) return;
            sent += size;
            more(number + 1);
          });
        };
        more(0);
      },
    };
  }

  it('gives all its bytes, and what the server says about it', async () => {
    const whole = wholeOf(100_003, 97);
    let seen: IncomingMessage | undefined;
    await withServer(
      (request, response) => {
        seen = request;
        response.writeHead(200, { 'content-length': String(whole.byteLength), etag: '"v1"' }).end(whole);
      },
      async (url) => {
        const answer = await transferFetch(`${url}/v1/files/1?a=1`, {
          headers: { Accept: FILE_TYPE, authorization: 'Bearer key', 'accept-encoding': 'identity' },
        });
        expect(answer).to.include({ status: 200, ok: true });
        expect(answer.headers.get('etag')).to.equal('"v1"');
        expect(answer.headers.get('content-length')).to.equal(String(whole.byteLength));
        expect(Buffer.concat(await collect(bodyOf(answer))).equals(whole)).to.equal(true);
      },
    );
    expect(seen).to.include({ method: 'GET', url: '/v1/files/1?a=1' });
    expect(seen?.headers).to.include({
      accept: FILE_TYPE,
      authorization: 'Bearer key',
      'accept-encoding': 'identity',
    });
  });

  it('gives a part of a file as what it is', async () => {
    await withServer(
      (_request, response) => {
        response.writeHead(206, { 'content-range': 'bytes 6-9/10' }).end('rest');
      },
      async (url) => {
        const answer = await fetchFile(url);
        expect(answer.status).to.equal(206);
        expect(answer.headers.get('content-range')).to.equal('bytes 6-9/10');
        expect(await collectText(bodyOf(answer))).to.equal('rest');
      },
    );
  });

  for (const [name, head] of [
    ['of unknown length, which ends with the connection', 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'],
    ['without anything in it', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ] as const) {
    it(`reads a file ${name}`, async () => {
      const body = head.includes('length') ? '' : 'abc'.repeat(100_000);
      await withSockets(
        (socket) => {
          socket.once('data', () => socket.end(head + body));
        },
        async (url) => {
          expect((await collectText(bodyOf(await fetchFile(url)))) === body).to.equal(true);
        },
      );
    });
  }

  it('gives what had arrived in full before anybody read it', async () => {
    await withServer(
      (_request, response) => void response.end('abc'),
      async (url) => {
        const answer = await fetchFile(url);
        await sleep(50);
        expect(await collectText(bodyOf(answer))).to.equal('abc');
      },
    );
  });

  it('lets the server wait for a slow reader', async () => {
    const [size, count] = [MB / 4, 256];
    const { answer, sent } = serving(size, count);
    await withServer(answer, async (url) => {
      const pieces = bodyOf(await fetchFile(url))[Symbol.asyncIterator]();
      const parts = [(await pieces.next()).value as Uint8Array];
      expect(await settled(sent)).to.be.below((size * count) / 2);
      for (;;) {
        const { done, value } = await pieces.next();
        if (done) break;
        parts.push(value);
      }
      expect(Buffer.concat(parts).equals(wholeOf(size, count))).to.equal(true);
    });
  });

  for (const [name, headers] of [
    ['announced', { 'content-length': '1000' }],
    ['in chunks', {}],
  ] as const) {
    it(`says that a file ended before its end: ${name}`, async () => {
      await withServer(
        (request, response) => {
          response.writeHead(200, headers);
          response.write('abc', () => setTimeout(() => request.socket.destroy(), 20));
        },
        async (url) => {
          const parts: Uint8Array[] = [];
          const error = await caught(
            (async () => {
              for await (const part of bodyOf(await fetchFile(url))) parts.push(part);
            })(),
          );
          expect(error).to.have.property('code', 'ECONNRESET');
          expect(Buffer.concat(parts).toString()).to.equal('abc');
        },
      );
    });
  }

  it('says that the connection was cut before anybody began to read', async () => {
    const closed = gate();
    await withServer(
      (request, response) => {
        request.socket.once('close', () => closed.open());
        response.writeHead(200, { 'content-length': '1000' });
        response.write('abc', () => setTimeout(() => request.socket.destroy(), 20));
      },
      async (url) => {
        const answer = await fetchFile(url);
        await closed.passed;
        await sleep(50);
        expect(await caught(soon(collectText(bodyOf(answer))))).to.have.property('code', 'ECONNRESET');
      },
    );
  });

  it('closes the connection when the reader leaves', async () => {
    const { answer, sent, closed } = serving(MB / 4, 256);
    await withServer(answer, async (url) => {
      for await (const part of bodyOf(await fetchFile(url))) {
        expect(part.byteLength).to.be.above(0);
        break;
      }
      await closed;
      expect(sent()).to.be.below(64 * MB);
    });
  });

  it('ends in the words of whoever interrupts it', async () => {
    const { answer, closed } = serving(MB / 4, 256);
    const controller = new AbortController();
    await withServer(answer, async (url) => {
      const pieces = bodyOf(await fetchFile(url, { signal: controller.signal }));
      const error = await caught(
        (async () => {
          for await (const piece of pieces) if (piece.byteLength > 0) controller.abort(new Error('enough'));
        })(),
      );
      expect(error).to.equal(controller.signal.reason);
      await closed;
    });
  });

  it('ends in the words of whoever interrupts it while nothing comes', async () => {
    const controller = new AbortController();
    await withServer(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('abc', () => setTimeout(() => controller.abort(new Error('enough')), 20));
      },
      async (url) => {
        const answer = await fetchFile(url, { signal: controller.signal });
        expect(await caught(collectText(bodyOf(answer)))).to.equal(controller.signal.reason);
      },
    );
  });

  it('ends in the words of whoever interrupts it before anybody began to read', async () => {
    const { answer, closed } = serving(MB / 4, 256);
    const controller = new AbortController();
    await withServer(answer, async (url) => {
      const response = await fetchFile(url, { signal: controller.signal });
      controller.abort(new Error('enough'));
      await closed;
      await sleep(20);
      expect(await caught(soon(collectText(bodyOf(response))))).to.equal(controller.signal.reason);
    });
  });

  it('does not take a file for whole of which the end was thrown away by an interruption', async () => {
    // So long that the reader's side is full, and the rest waits behind it, completely received.
    for (let kilobytes = 1024; kilobytes <= 1024 + 256; kilobytes += 16) {
      const whole = Buffer.alloc(kilobytes * 1024, 'a');
      const controller = new AbortController();
      await withServer(
        (_request, response) => {
          response.writeHead(200, { 'content-length': String(whole.byteLength) }).end(whole);
        },
        async (url) => {
          const response = await fetchFile(url, { signal: controller.signal });
          const pieces = bodyOf(response)[Symbol.asyncIterator]();
          let read = ((await pieces.next()).value as Uint8Array).byteLength;
          await sleep(20);
          controller.abort(new Error('enough'));
          await sleep(5);
          try {
            for (;;) {
              const { done, value } = await pieces.next();
              if (done) break;
              read += (value as Uint8Array).byteLength;
            }
          } catch (error) {
            expect(error).to.equal(controller.signal.reason);
            return;
          }
          expect(read).to.equal(whole.byteLength, 'came to its end without all of its bytes');
        },
      );
    }
  });

  it('ends when it is interrupted before an answer came', async () => {
    const controller = new AbortController();
    await withServer(
      () => controller.abort(),
      async (url) => {
        const error = await caught(fetchFile(url, { signal: controller.signal }));
        expect(error).to.have.property('name', 'AbortError');
      },
    );
  });

  it('gives a refusal with its body, whoever reads it', async () => {
    let requests = 0;
    await withServer(
      (_request, response) => {
        requests += 1;
        answerJson(response, 404, { error: { message: 'No such file' } });
      },
      async (url) => {
        const answer = await fetchFile(url);
        expect(answer).to.include({ status: 404, statusText: 'Not Found', ok: false });
        expect(await answer.json()).to.deep.equal({ error: { message: 'No such file' } });
        expect(await collectText(bodyOf(await fetchFile(url)))).to.include('No such file');
      },
    );
    expect(requests).to.equal(2);
  });

  it('takes a refusal with a status that nobody knows', async () => {
    await withServer(
      (_request, response) => void response.writeHead(999).end('odd'),
      async (url) => {
        expect(await fetchFile(url)).to.include({ status: 999, ok: false });
      },
    );
  });

  it('says that nothing answers at an address', async () => {
    await withoutServer(async (url) => {
      expect(await caught(fetchFile(url))).to.include({ code: 'ECONNREFUSED', syscall: 'connect' });
    });
  });

  it('reads a file that comes compressed', async () => {
    const text = 'abc'.repeat(100_000);
    await withServer(
      (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
      },
      async (url) => {
        const answer = await fetchFile(url);
        expect(answer.headers.get('content-encoding')).to.equal('gzip');
        expect((await collectText(bodyOf(answer))) === text).to.equal(true);
      },
    );
  });

  it('follows to another place', async () => {
    const paths: string[] = [];
    await withServer(
      (request, response) => {
        paths.push(request.url ?? '');
        if (request.url === '/there') response.end('found');
        else response.writeHead(302, { location: '/there' }).end('elsewhere');
      },
      async (url) => {
        const answer = await fetchFile(`${url}/here`);
        expect(answer.status).to.equal(200);
        expect(await collectText(bodyOf(answer))).to.equal('found');
      },
    );
    expect(paths.at(-1)).to.equal('/there');
  });

  for (const [name, encoding] of [
    ['as it is', undefined],
    ['compressed', 'gzip'],
  ] as const) {
    it(`can be given up, and the connection with it: ${name}`, async () => {
      let open = 0;
      await withServer(
        (request, response) => {
          open += 1;
          request.socket.once('close', () => (open -= 1));
          response.writeHead(200, encoding ? { 'content-encoding': encoding } : {});
          // There is more to come, and it never does.
          response.write(encoding ? gzipSync('abc').subarray(0, 12) : 'abc');
        },
        async (url) => {
          await discardBody(await fetchFile(url));
          for (let round = 0; open > 0 && round < 50; round += 1) await sleep(10);
          expect(open).to.equal(0);
        },
      );
    });
  }

  it('does not mind when a refusal is given up', async () => {
    await withServer(
      (_request, response) => answerJson(response, 404, {}),
      async (url) => {
        await discardBody(await fetchFile(url));
      },
    );
  });
});

describe('what moves no file', () => {
  onRealConnections();

  const echo = (request: IncomingMessage, response: ServerResponse): void => {
    void received(request).then((bytes) =>
      answerJson(response, 200, {
        method: request.method,
        type: request.headers['content-type'],
        body: bytes.toString(),
      }),
    );
  };

  /** What is handed on to fetch, which does not get to the network. */
  async function handedToFetch(work: () => Promise<unknown>): Promise<Parameters<typeof fetch>[]> {
    const calls: Parameters<typeof fetch>[] = [];
    const real = globalThis.fetch;
    globalThis.fetch = async (...call) => {
      calls.push(call);
      return new Response('from fetch');
    };
    try {
      await work();
    } finally {
      globalThis.fetch = real;
    }
    return calls;
  }

  const stream = (): ReadableStream<Uint8Array> => new Blob(['a stream']).stream();
  const requests: Record<string, () => RequestInit & { duplex?: 'half' }> = {
    'a plain question': () => ({}),
    'a question for JSON': () => ({ headers: { accept: 'application/json' } }),
    'a text': () => ({ method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }),
    'a text that is answered with a file': () => ({
      method: 'POST',
      body: 'a',
      headers: { accept: FILE_TYPE },
    }),
    'a stream of somebody else': () => ({ method: 'POST', body: stream(), duplex: 'half' }),
  };

  for (const [name, init] of Object.entries(requests)) {
    it(`is left to fetch as it is: ${name}`, async () => {
      const given = init();
      const url = new URL('http://127.0.0.1:1/v1');
      const calls = await handedToFetch(async () => {
        expect(await (await transferFetch(url, given)).text()).to.equal('from fetch');
      });
      expect(calls).to.have.length(1);
      expect(calls[0]?.[0]).to.equal(url);
      expect(calls[0]?.[1]).to.equal(given);
      expect(given.body instanceof ReadableStream && given.body.locked).to.equal(false);
    });
  }

  it('is left to fetch as it is: a request that was made before', async () => {
    const request = new Request('http://127.0.0.1:1/', { headers: { accept: FILE_TYPE } });
    const calls = await handedToFetch(() => transferFetch(request));
    expect(calls.map(([input]) => input)).to.deep.equal([request]);
  });

  it('is asked and answered as ever', async () => {
    await withServer(echo, async (url) => {
      const bodies: unknown[] = [];
      for (const init of Object.values(requests)) {
        const answer = await transferFetch(url, init());
        const { method, body } = JSON.parse(await collectText(bodyOf(answer))) as Record<string, string>;
        bodies.push(`${method} ${body}`);
      }
      expect(bodies).to.deep.equal(['GET ', 'GET ', 'POST {"a":1}', 'POST a', 'POST a stream']);
      const answer = await transferFetch(new Request(url, { method: 'PUT', body: 'b' }));
      expect(await answer.json()).to.include({ method: 'PUT', body: 'b' });
    });
  });

  it('has a body that is a stream of its own, for whoever has no such fetch', async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (const text of ['abc', 'def']) yield Buffer.from(text);
    }
    expect(await new Response(uploadStream(pieces())).text()).to.equal('abcdef');
  });
});
