import type { SandboxProtocol } from '../options.js';

/** What a client asks for. Files are OpenAI's, `delete` and `results` Anthropic's; `direct` is a single question. */
export const OPERATIONS = [
  'upload',
  'list-files',
  'retrieve-file',
  'delete-file',
  'file-content',
  'create',
  'retrieve',
  'list',
  'cancel',
  'delete',
  'results',
  'direct',
] as const;

export type Operation = (typeof OPERATIONS)[number];

const DOWNLOADS = ['file-content', 'results'] as const;

/** What a parameter may be: a number within bounds, or one of some words (any, if there are none). */
export type Rule =
  | { number: 'any' | 'whole'; least: number; most?: number; required?: true }
  | { words: readonly string[]; required?: true };

export interface FaultDefinition {
  /** What it is drawn for: every call, every batch when it is created, or every row when it is answered. */
  per: 'call' | 'batch' | 'row';
  /** The operations that it happens to unless told otherwise; all of them if not given. */
  operations?: readonly Operation[];
  /** The protocol that alone knows it. */
  protocol?: SandboxProtocol;
  parameters?: Record<string, Rule>;
}

const SHARE: Rule = { number: 'any', least: 0, most: 1 };
const STATUS: Rule = { number: 'whole', least: 500, most: 599 };

/** The faults that there are. README.md says what each of them does. */
export const FAULTS = {
  latency: { per: 'call', parameters: { ms: { number: 'any', least: 0, required: true } } },
  'rate-limit': { per: 'call', parameters: { retryAfter: { number: 'any', least: 0 } } },
  'server-error': { per: 'call', parameters: { status: STATUS } },
  'bad-gateway': { per: 'call' },
  'insufficient-quota': { per: 'call', operations: ['create', 'direct'] },
  'cut-before': { per: 'call' },
  'cut-upload': { per: 'call', operations: ['upload', 'create'] },
  'cut-answer': { per: 'call', parameters: { at: SHARE } },
  'create-lost': { per: 'call', operations: ['create'] },
  'create-error': { per: 'call', operations: ['create'], parameters: { status: STATUS } },
  truncated: { per: 'call', operations: DOWNLOADS, parameters: { at: SHARE } },
  'no-ranges': { per: 'call', operations: DOWNLOADS },
  slow: {
    per: 'call',
    operations: DOWNLOADS,
    parameters: { bytesPerSecond: { number: 'whole', least: 1, required: true } },
  },
  'queue-full': {
    per: 'batch',
    parameters: {
      tokens: { number: 'whole', least: 0 },
      requests: { number: 'whole', least: 0 },
      as: { words: ['failed', 'refused'] },
    },
  },
  'validation-failed': {
    per: 'batch',
    protocol: 'openai',
    parameters: { lines: { number: 'whole', least: 1, most: 100 }, code: { words: [] } },
  },
  expired: { per: 'batch', parameters: { answered: SHARE } },
  'null-output': { per: 'batch' },
  'counts-off': { per: 'batch', parameters: { by: { number: 'whole', least: -100_000 } } },
  'stuck-finalizing': { per: 'batch', parameters: { ms: { number: 'any', least: 0 } } },
  'stale-list': { per: 'batch', parameters: { ms: { number: 'any', least: 0, required: true } } },
  'rows-errored': { per: 'row' },
  'rows-failed': { per: 'row' },
  'rows-expired': { per: 'row' },
  'rows-missing': { per: 'row' },
  'rows-twice': { per: 'row' },
  'rows-status-0': { per: 'row' },
  'rows-refused': { per: 'row' },
  'rows-truncated': { per: 'row' },
  'rows-invalid': { per: 'row' },
} as const satisfies Record<string, FaultDefinition>;

export type FaultName = keyof typeof FAULTS;

/** A way to misbehave, and how often. */
export interface Fault {
  fault: FaultName;
  /** The share of matching calls, batches or rows that it happens to, from 0 to 1; all of them by default. */
  rate?: number;
  /** It is over after it happened so often. */
  count?: number;
  /** So many matching ones are spared first. */
  after?: number;
  /** Only in this protocol. */
  protocol?: SandboxProtocol;
  /** Faults of calls: only these operations. */
  operation?: Operation | Operation[];
  /** Faults of calls: only paths like this one; `*` stands for anything. */
  path?: string;
  ms?: number;
  /** Seconds. */
  retryAfter?: number;
  status?: number;
  /** The share of the answer that arrives. */
  at?: number;
  bytesPerSecond?: number;
  tokens?: number;
  requests?: number;
  as?: 'failed' | 'refused';
  lines?: number;
  code?: string;
  /** The share of the rows that is answered. */
  answered?: number;
  by?: number;
}

export function definitionOf(name: FaultName): FaultDefinition {
  return FAULTS[name];
}
