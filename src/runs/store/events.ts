import type {
  BatchFile,
  BatchFileKind,
  BatchProblem,
  BatchStatus,
  Obstacle,
} from '@instructor-cli/provider-kit';

/** The layout of a run directory. One that is higher was written by a newer program, which is not guessed at. */
export const RUN_FORMAT = 1;

/** Requests that are sent as one batch. */
export interface Shard {
  /** Such as `s0001`; in the order in which they are to be sent. */
  id: string;
  /** 1 for the requests of the plan; one more each time rows are asked again. */
  round: number;
  /** The first rows, sent alone to see how it goes. */
  canary?: boolean;
  /** The shard that this one is a part of. */
  partOf?: string;
  /** Relative to the run directory. */
  file: string;
  requests: number;
  bytes: number;
  sha256: string;
  model?: string;
  endpoint?: string;
  traits: string[];
  /** Tokens that go in. Absent: nobody can count them. */
  tokens?: number;
  /** What it costs at most, in US dollars. Absent: the price, or the longest answer, is unknown. */
  mostUsd?: number;
  /** The same for asking each request outside of a batch. */
  mostDirectUsd?: number;
  /** Which list of shards it is in: requests of one model follow one another in one list. */
  list: number;
}

/** A result file as it was downloaded. */
export interface CollectedFile {
  kind: BatchFileKind;
  /** As the provider calls it. */
  id: string;
  /** Relative to the run directory. */
  path: string;
  bytes: number;
  sha256: string;
}

/** What has to be known of a batch once it has ended. */
export interface EndedBatch {
  id: string;
  status: BatchStatus;
  rawStatus: string;
  model?: string;
  endpoint?: string;
  created?: string;
  started?: string;
  ended?: string;
  requests: { total?: number; succeeded?: number; failed?: number };
  problems: BatchProblem[];
  files: BatchFile[];
}

/** How a batch whose creation was not answered was recognised. */
export type FoundBy = 'metadata' | 'input file' | 'custom ids' | 'the user';

/** Everything that happens in a run. Each event is on disk before what it announces is done. */
export type RunEvent =
  | { event: 'begun'; format: number; version: string; pid: number }
  /** A process took the run up. */
  | { event: 'resumed'; version: string; pid: number }
  /** All request files are on disk. */
  | { event: 'planned'; shards: Shard[]; lists: number; requests: number; skipped: number; facts: PlanFacts }
  /** The user agreed to the price. */
  | { event: 'approved'; by: 'terminal' | 'flag' }
  /** A shard is about to be sent. From here to `submitted` or `refused` nobody knows whether there is a batch. */
  | { event: 'submitting'; shard: string; nonce: string; sha256: string; uploaded?: BatchFile }
  | { event: 'uploaded'; shard: string; nonce: string; file: BatchFile }
  | { event: 'submitted'; shard: string; nonce: string; batch: string }
  /** There certainly is no batch. */
  | {
      event: 'refused';
      shard: string;
      nonce: string;
      code: string;
      message: string;
      obstacle?: Obstacle;
      uploaded?: BatchFile;
    }
  /** The answer was lost: there may be a batch. */
  | { event: 'lost'; shard: string; nonce: string; message: string }
  | { event: 'found'; shard: string; nonce: string; batch: string; by: FoundBy }
  /** These may be it; when they have ended their custom ids will tell. */
  | { event: 'suspected'; shard: string; nonce: string; batches: string[] }
  /** They are not: their custom ids are others. */
  | { event: 'disproved'; shard: string; nonce: string; batches: string[] }
  | { event: 'absent'; shard: string; nonce: string }
  /** Several fit. The user has to say which. */
  | { event: 'undecided'; shard: string; nonce: string; batches: string[] }
  | { event: 'ended'; shard: string; batch: EndedBatch }
  | {
      event: 'collected';
      shard: string;
      batch: string;
      files: CollectedFile[];
      succeeded: number;
      failed: number;
      usd?: number;
    }
  /** The batch as such failed, and nothing was answered: the shard waits to be sent again. */
  | { event: 'returned'; shard: string; batch: string; obstacle?: Obstacle; message: string }
  /** The provider names requests that it refuses: they are left out of what is sent again. */
  | { event: 'rows-refused'; shard: string; rows: { id: string; message: string }[] }
  /** The batch is gone at the provider, results and all. */
  | { event: 'vanished'; shard: string; batch: string; message: string }
  /** Others hold its requests from now on. */
  | { event: 'split'; shard: string; into: Shard[]; why: string }
  /** The rows of a shard that has no answers stay without: they are missing. */
  | { event: 'given-up'; shard: string; why: string }
  | { event: 'limit'; tokens?: number; requests?: number }
  | { event: 'canary'; passed: boolean; failed: number; requests: number; usd?: number; message: string }
  | { event: 'cancelling'; shard: string; batch: string; why: string }
  | { event: 'deadline' }
  /** These rows are about to be asked outside of a batch; their answers are in a file of answers. */
  | { event: 'asking'; rows: number; requests: string; answers: string }
  | { event: 'asked'; requests: string; file: CollectedFile; succeeded: number; failed: number; usd?: number }
  /** A round has all its answers, and these requests ask some rows again. */
  | { event: 'healed'; round: number; shards: Shard[]; again: number; reasked: number }
  | { event: 'removed'; file: string }
  /** Files with the results are about to get their names. */
  | { event: 'writing'; output?: string }
  /** The run goes no further for now. */
  | { event: 'stopped'; code: StopCode; message: string }
  | { event: 'cancelled' }
  | {
      event: 'finished';
      rows: number;
      outcomes: Record<string, number>;
      usd?: number;
      results: FileHash;
      receipts: FileHash;
      output?: FileHash & { path: string };
    };

export type StopCode =
  | 'billing'
  | 'budget'
  | 'canary'
  | 'credentials'
  | 'undecided'
  | 'refused'
  | 'failed'
  | 'interrupted'
  | 'detached';

export interface FileHash {
  bytes: number;
  sha256: string;
}

/** What the plan knows beyond its shards. */
export interface PlanFacts {
  /** How tokens were counted; absent if they could not be. */
  tokenizer?: string;
  errorPercent?: number;
  /** Only so many requests were counted, and the rest follows from their size. */
  countedRequests?: number;
  /** Images and the like, which are not among the tokens. */
  images: number;
  pricesFrom?: string;
  /** The input alone, in US dollars. */
  inputUsd?: number;
  notes: string[];
}

export type RecordedEvent = RunEvent & { at: string };
