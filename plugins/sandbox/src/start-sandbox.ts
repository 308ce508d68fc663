import { setMaxListeners } from 'node:events';
import type { AddressInfo } from 'node:net';
import { environmentFor, type SandboxedProvider } from './environment.js';
import { FaultList, type ActiveFault } from './faults/fault-list.js';
import type { Fault } from './faults/fault.js';
import { readFaults } from './faults/read-faults.js';
import { DEFAULT_TIMING, type SandboxOptions } from './options.js';
import { restoredStats, type SandboxContext, type SandboxStats } from './service/context.js';
import { Ledger, type CreatedBatch } from './service/ledger.js';
import { Releases } from './service/releases.js';
import { RequestLog, type ReceivedRequest } from './service/request-log.js';
import { openWorkspace } from './service/workspace.js';
import { Upstream } from './upstream/upstream.js';

/** A sandbox that listens. */
export interface Sandbox {
  /** Such as `http://127.0.0.1:49152`. */
  readonly url: string;
  /** What an OpenAI client takes as its base URL. */
  readonly openaiBaseUrl: string;
  /** What an Anthropic client takes as its base URL. */
  readonly anthropicBaseUrl: string;
  /** A key that the sandbox accepts; it accepts every other one of the form `sandbox-…` too. */
  readonly key: string;
  /** Environment variables that send these providers to the sandbox; those with another protocol are left alone. */
  env(declarations: readonly SandboxedProvider[]): Record<string, string>;
  /** The requests received so far, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** Forgets the requests received so far. */
  resetRequests(): void;
  /** What the sandbox has done so far. */
  stats(): SandboxStats;
  /** Every batch that was ever created, oldest first, also those whose creation nobody was told of. */
  created(): CreatedBatch[];
  /** The faults that it has, with how often they struck. */
  faults(): ActiveFault[];
  /** Gives it these faults in place of those that it has; throws a `FaultProblem` if one is described wrongly. */
  setFaults(faults: readonly Fault[]): void;
  /** Lets batches go that a fault keeps from ending, or one of them. Gives their ids. */
  release(id?: string): string[];
  /** Stops listening and drops open connections. Without a `dataDir` everything goes; with one, batches go on later. */
  close(): Promise<void>;
}

const KEY = 'sandbox-key';

/**
 * Starts a batch service on this machine that speaks the protocols of OpenAI and Anthropic.
 *
 * @example
 * const sandbox = await startSandbox({ seed: 7 });
 * const client = new OpenAI({ baseURL: sandbox.openaiBaseUrl, apiKey: sandbox.key });
 * // …
 * await sandbox.close();
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  // The server is heavy to load and only needed here.
  const { createServer } = await import('./service/server.js');
  // Before anything is opened that would have to be closed if they are wrong.
  const faults = options.faults && readFaults(options.faults);
  const workspace = await openWorkspace(options.dataDir);
  const { store } = workspace;
  const ledger = new Ledger(store);
  const seed = String(options.seed ?? 1);
  const closing = new AbortController();
  // Everything that waits listens to it.
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<void>>();
  const log = options.log ?? (() => undefined);
  const context: SandboxContext = {
    seed,
    timing: { ...DEFAULT_TIMING, ...options.timing },
    endAs: options.endAs ?? 'completed',
    retryAfterSeconds: options.retryAfterSeconds ?? 10,
    outcome: options.outcome ?? (() => undefined),
    workspace,
    store,
    ledger,
    faults: new FaultList(store, seed, faults),
    releases: new Releases(),
    upstream: options.upstream && new Upstream(options.upstream),
    stats: restoredStats(store, ledger),
    log,
    closing: closing.signal,
    start(name, work) {
      const tracked = work
        .catch((error: unknown) =>
          log(`${name} broke: ${error instanceof Error ? error.stack : String(error)}`),
        )
        .finally(() => running.delete(tracked));
      running.add(tracked);
    },
  };
  const requests = new RequestLog();
  const server = await createServer(context, requests).catch(async (error: unknown) => {
    await workspace.close();
    throw error;
  });

  async function close(): Promise<void> {
    closing.abort();
    await server.close();
    await Promise.all(running);
    await workspace.close();
  }

  const host = options.host ?? '127.0.0.1';
  try {
    await server.listen({ port: options.port ?? 0, host });
  } catch (error) {
    await close();
    throw error;
  }
  const { port, address, family } = server.server.address() as AddressInfo;
  const url = `http://${reachableName(host, address, family)}:${port}`;
  const openaiBaseUrl = `${url}/v1`;

  return {
    url,
    openaiBaseUrl,
    anthropicBaseUrl: url,
    key: KEY,
    env: (declarations) => environmentFor(declarations, { openai: openaiBaseUrl, anthropic: url }, KEY),
    get requests() {
      return requests.all;
    },
    resetRequests: () => requests.reset(),
    stats: () => ({ ...context.stats }),
    created: () => structuredClone(ledger.all),
    faults: () => structuredClone([...context.faults.all]),
    setFaults: (faults) => context.faults.set(readFaults(faults)),
    release: (id) => context.releases.release(id),
    close,
  };
}

/** How this machine reaches what listens there; "every address" is not an address to connect to. */
function reachableName(host: string, address: string, family: string): string {
  if (host === 'localhost') return host;
  if (address === '0.0.0.0') return '127.0.0.1';
  if (address === '::') return '[::1]';
  return family === 'IPv6' ? `[${address}]` : address;
}
