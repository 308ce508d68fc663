import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What becomes of a call on its way: `lose` lets the service do its work and cuts the line before the answer. */
export type Fate =
  'forward' | 'hang' | 'lose' | { status: number; headers?: Record<string, string>; body: string };

/** A call as it passes: `DELETE /v1/batches/batch_1`, without its query. */
export type Passing = string;

export interface Relay {
  /** Takes the place of the service's base URL. */
  url: string;
  seen: Passing[];
  close(): Promise<void>;
}

/** Stands between a provider and the service, and makes trouble where it is told to. */
export async function startRelay(upstream: string, fateOf: (call: Passing) => Fate): Promise<Relay> {
  const seen: Passing[] = [];
  const server = createServer((incoming, answer) => {
    const call = `${incoming.method} ${incoming.url?.split('?')[0]}`;
    seen.push(call);
    const fate = fateOf(call);
    if (fate === 'hang') return;
    if (typeof fate === 'object') {
      incoming.resume();
      answer.writeHead(fate.status, fate.headers).end(fate.body);
    } else forward(incoming, answer, new URL(upstream), fate === 'lose');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${new URL(upstream).pathname.replace(/\/$/, '')}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(incoming: IncomingMessage, answer: ServerResponse, upstream: URL, lose: boolean): void {
  const { method, headers } = incoming;
  const target = new URL(incoming.url ?? '/', upstream);
  const send = upstream.protocol === 'https:' ? requestHttps : requestHttp;
  const outgoing = send(target, { method, headers: { ...headers, host: upstream.host } }, (answered) => {
    if (lose) {
      answered.resume().on('end', () => answer.destroy());
      return;
    }
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  incoming.pipe(outgoing);
}
