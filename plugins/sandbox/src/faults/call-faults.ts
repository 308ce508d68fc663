import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxProtocol } from '../options.js';
import type { SandboxContext } from '../service/context.js';
import { pause } from '../service/pause.js';
import type { WireError } from '../service/wire-error.js';
import type { Fault, FaultName, Operation } from './fault.js';
import type { Occasion } from './fault-list.js';
import { firstBytes, isPayload, trickle, type Payload } from './shaped-answer.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a client asks for with this route. */
    operation?: Operation;
  }
}

/** How a protocol words the refusals that faults make. */
export interface FaultWords {
  protocol: SandboxProtocol;
  rateLimited: () => WireError;
  noCredit: () => WireError;
  serverError: (status: number) => WireError;
}

const BEFORE: FaultName[] = [
  'latency',
  'rate-limit',
  'server-error',
  'bad-gateway',
  'insufficient-quota',
  'cut-before',
  'cut-upload',
  'no-ranges',
];
const AFTER: FaultName[] = ['create-lost', 'create-error', 'cut-answer', 'truncated', 'slow'];

const GATEWAY_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n' +
  '<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n';

/** Lets the calls of one protocol go wrong. To be added after the hook that asks for a key. */
export function addCallFaults(app: FastifyInstance, context: SandboxContext, words: FaultWords): void {
  const rangeless = new WeakSet<FastifyRequest>();
  const occasion = (request: FastifyRequest): Occasion => ({
    protocol: words.protocol,
    operation: request.routeOptions.config.operation,
    path: request.url.split('?', 1)[0],
  });

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.operation === undefined) return;
    for (const fault of context.faults.strike(BEFORE, occasion(request))) {
      if (fault.fault === 'latency') {
        await pause(fault.ms ?? 0, context.closing);
        continue;
      }
      if (fault.fault === 'no-ranges') {
        rangeless.add(request);
        delete request.headers.range;
        continue;
      }
      context.log(`fault: ${fault.fault}`);
      return refuse(fault, request, reply, words);
    }
  });

  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (rangeless.has(request)) reply.removeHeader('accept-ranges');
    if (request.routeOptions.config.operation === undefined || reply.statusCode >= 300) return payload;
    if (!isPayload(payload)) return payload;
    const [fault] = context.faults.strike(AFTER, occasion(request));
    if (!fault) return payload;
    context.log(`fault: ${fault.fault}`);
    return spoil(fault, payload, request, reply, context, words);
  });
}

/** Answers in place of the handler, which is not called. */
async function refuse(fault: Fault, request: FastifyRequest, reply: FastifyReply, words: FaultWords) {
  const cut = (): FastifyReply => {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  };
  if (fault.fault === 'cut-before') return cut();
  if (fault.fault === 'cut-upload') {
    await readHalf(request.raw);
    return cut();
  }
  // A client that is still sending would not see the answer.
  await readAll(request.raw);
  if (fault.fault === 'bad-gateway') return reply.code(502).type('text/html').send(GATEWAY_PAGE);
  if (fault.fault === 'insufficient-quota') throw words.noCredit();
  if (fault.fault === 'server-error') throw words.serverError(fault.status ?? 500);
  if (fault.retryAfter !== undefined) reply.header('retry-after', fault.retryAfter);
  throw words.rateLimited();
}

/** Changes what a handler that has done its work would answer. */
function spoil(
  fault: Fault,
  payload: Payload,
  request: FastifyRequest,
  reply: FastifyReply,
  context: SandboxContext,
  words: FaultWords,
): unknown {
  const { socket } = request.raw;
  if (fault.fault === 'slow') return trickle(payload, fault.bytesPerSecond ?? 1024, context.closing);
  if (fault.fault === 'create-lost') {
    context.ledger.lose(reply.raw);
    socket.destroy();
    return payload;
  }
  if (fault.fault === 'create-error') {
    context.ledger.lose(reply.raw);
    const status = fault.status ?? 500;
    reply.code(status).removeHeader('content-length');
    if (status === 502) {
      reply.type('text/html');
      return GATEWAY_PAGE;
    }
    return JSON.stringify(words.serverError(status).body);
  }
  const total = Number(reply.getHeader('content-length') ?? Buffer.byteLength(payload as string));
  reply.header('content-length', total);
  context.ledger.lose(reply.raw);
  const part = Math.min(total - 1, Math.floor(total * (fault.at ?? 0.5)));
  return firstBytes(payload, part, async () => {
    // What was written is to arrive before the connection goes.
    await pause(20, context.closing);
    if (fault.fault === 'truncated') socket.destroySoon();
    else socket.resetAndDestroy();
  });
}

function hasBody(message: IncomingMessage): boolean {
  return message.headers['transfer-encoding'] !== undefined || Number(message.headers['content-length']) > 0;
}

async function readAll(message: IncomingMessage): Promise<void> {
  if (!hasBody(message) || message.readableEnded) return;
  const ended = Promise.race([once(message, 'end'), once(message, 'close')]).catch(() => undefined);
  message.resume();
  await ended;
}

async function readHalf(message: IncomingMessage): Promise<void> {
  if (!hasBody(message)) return;
  let left = Number(message.headers['content-length'] ?? 0) / 2;
  await new Promise<void>((resolve) => {
    message.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) resolve();
    });
    message.once('close', resolve);
  });
  message.pause();
}
