/** An answer other than 2xx, ready to be sent. Thrown by handlers, written by the error handler of each protocol. */
export class WireError extends Error {
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`HTTP ${status}`);
    this.name = 'WireError';
  }
}
