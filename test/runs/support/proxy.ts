import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer on its way to the client. */
export interface Passing {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  /** The body, parsed; undefined if it is no JSON. */
  json: Record<string, unknown> | undefined;
}

/** What is sent in place of it. */
export type Instead = { status?: number } & ({ json: unknown } | { text: string });

export interface Proxy {
  url: string;
  close(): Promise<void>;
}

/** Stands before a service and says something else than it: what `change` gives is sent in place of the answer. */
export async function startProxy(
  target: string,
  change: (passing: Passing) => Instead | undefined,
): Promise<Proxy> {
  const server = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/' } = request;
      const body = await bytesOf(request);
      const answer = await fetch(`${target}${url}`, {
        method,
        headers: headersOf(request),
        ...(body.byteLength > 0 ? { body: new Uint8Array(body) } : {}),
      });
      const text = await answer.text();
      const [path = ''] = url.split('?');
      const changed = change({ method, path, status: answer.status, json: parsed(text) });
      response.writeHead(changed?.status ?? answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'application/json',
      });
      response.end(changed ? bodyOf(changed) : text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function bodyOf(instead: Instead): string {
  return 'text' in instead ? instead.text : JSON.stringify(instead.json);
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Those of the connection are made anew. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const own = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'accept-encoding']);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      own.has(name) || value === undefined ? [] : [[name, String(value)]],
    ),
  );
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
