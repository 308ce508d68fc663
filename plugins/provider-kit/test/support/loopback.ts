import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';

/** Runs a test against a server on this machine: what happens to connections cannot be told by interception. */
export async function withServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  nock.enableNetConnect('127.0.0.1');
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    nock.disableNetConnect();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Runs a test against an address at which nothing answers. */
export async function withoutServer(use: (url: string) => Promise<void>): Promise<void> {
  let dead = '';
  await withServer(
    () => undefined,
    async (url) => {
      dead = url;
    },
  );
  nock.enableNetConnect('127.0.0.1');
  try {
    await use(dead);
  } finally {
    nock.disableNetConnect();
  }
}
