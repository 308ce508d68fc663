import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Handles a request; `count` is how many came before, `body` what was sent. */
export type Misbehaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  count: number,
) => void | Promise<void>;

export interface FaultyServer {
  url: string;
  requests: { method: string; url: string; headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
}

/** A server that behaves as badly as a test wants, on a free port. */
export async function startFaultyServer(misbehave: Misbehaviour): Promise<FaultyServer> {
  const requests: FaultyServer['requests'] = [];
  const server = createServer((request, response) => {
    const count = requests.length;
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    void Promise.resolve(misbehave(request, response, count)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A batch object of OpenAI's. */
export function openaiBatchObject(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 'batch_abc123',
    object: 'batch',
    endpoint: '/v1/chat/completions',
    errors: null,
    input_file_id: null,
    completion_window: '24h',
    status: 'completed',
    output_file_id: 'file-out',
    error_file_id: null,
    created_at: 1_750_000_000,
    in_progress_at: 1_750_000_010,
    completed_at: 1_750_000_100,
    request_counts: { total: 2, completed: 2, failed: 0 },
    metadata: null,
    ...fields,
  };
}
