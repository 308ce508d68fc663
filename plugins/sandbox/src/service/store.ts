/** What becomes of one record; without a value it is gone. */
export interface Change {
  kind: 'file' | 'openai-batch' | 'anthropic-batch' | 'progress' | 'created' | 'counters' | 'faults';
  id: string;
  value?: unknown;
}

/** Where the sandbox keeps what has to survive a restart. */
export interface Store {
  /** False: nothing survives, and nothing has to be written. */
  readonly keeps: boolean;
  /** The records of a kind as they are now, in the order in which they first came. */
  all<T>(kind: Change['kind']): [id: string, value: T][];
  get<T>(kind: Change['kind'], id: string): T | undefined;
  /** Writes changes that are true together or not at all. */
  write(...changes: Change[]): void;
  close(): void;
}

/** For a sandbox that keeps nothing. */
export const NO_STORE: Store = {
  keeps: false,
  all: () => [],
  get: () => undefined,
  write: () => undefined,
  close: () => undefined,
};
