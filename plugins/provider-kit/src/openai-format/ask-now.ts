import { ProviderError } from '../contract/errors.js';
import { asRecord, asText } from '../wire/read.js';
import { refusalOf } from '../wire/refusal.js';

/** An answer to one request. */
export interface DirectAnswer {
  status: number;
  requestId?: string | null | undefined;
  body: unknown;
}

/** Of a path that a request file names, no part may lead to another host or out of the API. */
const SAFE_PATH = /^(?:\/\w[\w.-]*)+$/;

/** The version is in the base URL already. */
const VERSION = /^\/v\d+(?=\/)/;

/**
 * Asks one request of a request file at once, and gives the line that an output or error file would have for it.
 * `post` sends a body to a path below the base URL and throws `ProviderError`, as the calls of `createSdkCaller` do.
 */
export async function askOpenAI(
  provider: string,
  request: unknown,
  post: (path: string, body: Record<string, unknown>) => Promise<DirectAnswer>,
): Promise<unknown> {
  const line = asRecord(request);
  const [url, body, customId] = [asText(line?.['url']), asRecord(line?.['body']), line?.['custom_id']];
  if (!url || !SAFE_PATH.test(url) || !body) {
    throw new ProviderError('invalid_request', 'This is no request: it needs a url and a body', {
      hint: 'A url is a path such as /v1/chat/completions',
    });
  }
  let answer: DirectAnswer;
  try {
    answer = await post(url.replace(VERSION, ''), body);
  } catch (error) {
    const refused = refusalOf(error);
    if (!refused) throw error;
    answer = { ...refused, body: { error: refused.error } };
  }
  if (!asRecord(answer.body)) {
    // Not tried again: whatever this is, it may have been paid for.
    throw new ProviderError('unavailable', `${provider} sent something that is not an answer`, {
      hint: 'Check that the base URL points at its API',
    });
  }
  const requestId = answer.requestId ?? null;
  return {
    id: asText(asRecord(answer.body)?.['id']) ?? requestId ?? 'direct',
    custom_id: customId,
    response: { status_code: answer.status, request_id: requestId, body: answer.body },
    error: null,
  };
}
