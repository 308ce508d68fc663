import type { Random } from '../random.js';
import { chatRequest, NotConvertible } from '../upstream/chat-request.js';
import { messageAnswer } from '../upstream/message-answer.js';
import { failureMessage, type Upstream } from '../upstream/upstream.js';
import { errorBody } from './errors.js';

type Asked =
  { message: Record<string, unknown> } | { error: { type: string; message: string; status: number } };

/** Has a chat endpoint answer a message request. */
export async function askForMessage(
  upstream: Upstream,
  params: Record<string, unknown>,
  { random, tier, signal }: { random: Random; tier: 'batch' | 'standard'; signal: AbortSignal },
): Promise<Asked> {
  try {
    const answer = await upstream.ask('/chat/completions', chatRequest(params), signal);
    if (answer.status >= 200 && answer.status < 300) {
      return { message: messageAnswer(params, answer.body, random, tier) };
    }
    const { status } = answer;
    return { error: { ...errorBody(status, failureMessage(answer)).error, status } };
  } catch (error) {
    if (!(error instanceof NotConvertible)) throw error;
    return { error: { ...errorBody(400, error.message).error, status: 400 } };
  }
}
