import { Socket } from 'node:net';
import { setImmediate as afterCallbacks } from 'node:timers/promises';

/** Runs something and gives the connections that it tried to make. None of them comes about. */
export async function connectionsDuring(act: () => unknown): Promise<string[]> {
  const tried: string[] = [];
  const prototype = Socket.prototype as { connect: unknown };
  const { connect } = prototype;
  const { fetch } = globalThis;
  prototype.connect = () => {
    tried.push('a connection');
    throw new Error('no connection may be made here');
  };
  globalThis.fetch = (target) => {
    tried.push(`fetch ${target instanceof Request ? target.url : String(target)}`);
    return Promise.reject(new Error('no connection may be made here'));
  };
  try {
    await act();
    await afterCallbacks();
    return tried;
  } finally {
    prototype.connect = connect;
    globalThis.fetch = fetch;
  }
}
