import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../objects.js';

/** A chat endpoint that answers in place of the sandbox. */
export interface UpstreamOptions {
  /** What an OpenAI client takes as its base URL, such as `http://127.0.0.1:11434/v1`. */
  url: string;
  key?: string;
  /** The model to ask, whatever the requests say. */
  model?: string;
  /** How many requests are on their way at most; 8 by default. */
  concurrency?: number;
  /** How often a request is sent again after a failure that passes; 3 by default. */
  retries?: number;
  /** The pause before the first time, which doubles from then on; 500 by default. */
  retryDelayMs?: number;
}

export interface UpstreamAnswer {
  status: number;
  body: unknown;
}

const PASSING = [408, 429];
/** Who asks for more patience than this gets the failure instead. */
const LONGEST_PAUSE_MS = 60_000;

/** Sends requests to the endpoint, a few at a time and again where that helps. */
export class Upstream {
  readonly concurrency: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly options: UpstreamOptions) {
    this.concurrency = options.concurrency ?? 8;
    this.#free = this.concurrency;
  }

  /** Gives the answer, or a failure that looks like one. Throws only what `signal` was raised with. */
  async ask(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<UpstreamAnswer> {
    await this.#enter();
    try {
      return await this.#persist(path, body, signal);
    } finally {
      this.#leave();
    }
  }

  async #persist(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<UpstreamAnswer> {
    const { retries = 3, retryDelayMs = 500 } = this.options;
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      const { retryAfterMs, ...answer } = await this.#once(path, body, signal);
      const passes = answer.status >= 500 || PASSING.includes(answer.status);
      const delay = retryAfterMs ?? retryDelayMs * 2 ** attempt;
      if (!passes || attempt >= retries || delay > LONGEST_PAUSE_MS) return answer;
      await sleep(delay, undefined, { signal });
    }
  }

  async #once(
    path: string,
    body: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer & { retryAfterMs?: number }> {
    const { url, key, model } = this.options;
    const { stream: _, ...rest } = body;
    try {
      const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(model === undefined ? rest : { ...rest, model }),
        signal,
      });
      const text = await response.text();
      const asked = response.headers.get('retry-after');
      const retryAfterMs = asked === null || !(Number(asked) >= 0) ? undefined : Number(asked) * 1000;
      return { ...readAnswer(response.status, text), retryAfterMs };
    } catch (error) {
      signal.throwIfAborted();
      return failure(503, `The upstream cannot be reached: ${reasonOf(error)}`);
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

function readAnswer(status: number, text: string): UpstreamAnswer {
  const succeeded = status >= 200 && status < 300;
  try {
    const body: unknown = JSON.parse(text);
    if (succeeded && isObject(body)) return { status, body };
    if (!succeeded) return isObject(body) && isObject(body.error) ? { status, body } : failure(status, text);
  } catch {
    if (!succeeded)
      return failure(status, text.slice(0, 500) || `The upstream answered with status ${status}.`);
  }
  return failure(502, 'The upstream answered with something else than a JSON object.');
}

function failure(status: number, message: string): UpstreamAnswer {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return { status, body: { error: { message, type, param: null, code: 'upstream_failed' } } };
}

/** `fetch` itself says no more than that it failed. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (!(cause instanceof Error)) return message;
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? message);
}

/** The words of a failed answer. */
export function failureMessage({ status, body }: UpstreamAnswer): string {
  const error = isObject(body) ? body.error : undefined;
  return isObject(error) && typeof error.message === 'string' ? error.message : `Upstream status ${status}`;
}
