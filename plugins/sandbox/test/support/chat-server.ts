import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Json } from './sandbox.js';

export interface ChatCall {
  path: string;
  headers: IncomingHttpHeaders;
  body: Json;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const servers = new Set<Server>();

/** A chat endpoint that answers as it is told to, and remembers what it was asked. */
export async function openChatServer(reply: (call: ChatCall) => Reply | Promise<Reply>) {
  const calls: ChatCall[] = [];
  const load = { now: 0, most: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      load.most = Math.max(load.most, ++load.now);
      const call = { path: request.url ?? '', headers: request.headers, body: (await json(request)) as Json };
      calls.push(call);
      const { status = 200, headers = {}, body } = await reply(call);
      load.now--;
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    })();
  });
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls, load };
}

export function closeChatServers(): void {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers.clear();
}

export function completion(message: object, finish = 'stop'): Reply {
  return {
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'llama',
      choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    },
  };
}

/** Says what it was told last. */
export const echo = ({ body }: ChatCall): Reply =>
  completion({ content: `echo: ${body.messages.at(-1).content}` });
