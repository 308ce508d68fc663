/** One request that the sandbox received. */
export interface ReceivedRequest {
  method: string;
  /** Without the query string. */
  path: string;
  /** The query string without its question mark; empty if there is none. */
  query: string;
}

/** A sandbox that is polled for days must not grow without end. */
const MOST_KEPT = 100_000;

export class RequestLog {
  #requests: ReceivedRequest[] = [];

  get all(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  add(method: string, url: string): void {
    const [path = '', query = ''] = url.split('?', 2);
    if (this.#requests.length >= MOST_KEPT) this.#requests.shift();
    this.#requests.push({ method, path, query });
  }

  reset(): void {
    this.#requests = [];
  }
}
