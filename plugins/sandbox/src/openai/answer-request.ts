import type { RowFate } from '../options.js';
import { Random } from '../random.js';
import { chatCompletion } from './chat-completion.js';
import { checkBody } from './check-body.js';
import { embeddingList } from './embedding-list.js';
import { errorBody } from './errors.js';
import { responseObject } from './response-object.js';

export interface Answered {
  status: number;
  body: unknown;
}

/** Answers one request as its endpoint would. The same seed and key give the same answer. */
export function answerRequest(
  endpoint: string,
  body: Record<string, unknown>,
  fate: RowFate,
  { seed, key }: { seed: string; key: string },
): Answered {
  const problem = checkBody(endpoint, body);
  if (problem) return { status: 400, body: errorBody(problem) };
  if (fate === 'errored') {
    return { status: 400, body: errorBody({ message: 'The sandbox was asked to refuse this request.' }) };
  }
  if (fate === 'server_error') {
    const message = 'The server had an error while processing your request. Sorry about that!';
    return { status: 500, body: errorBody({ message, type: 'server_error' }) };
  }
  const random = new Random(`${seed}:answer:${key}`);
  if (endpoint === '/v1/embeddings') return { status: 200, body: embeddingList(body, seed) };
  const compose = endpoint === '/v1/responses' ? responseObject : chatCompletion;
  return { status: 200, body: compose(body, fate, random) };
}
