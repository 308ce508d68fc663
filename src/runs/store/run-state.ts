import type { BatchFile, Obstacle } from '@instructor-cli/provider-kit';
import type {
  CollectedFile,
  EndedBatch,
  PlanFacts,
  RecordedEvent,
  RunEvent,
  Shard,
  StopCode,
} from './events.js';

/**
 * Where a shard stands:
 *
 * - `waiting`: not sent, and certainly no batch
 * - `uncertain`: it was about to be sent, and there may be a batch; `suspected`: these batches may be it
 * - `undecided`: the user has to say which batch it is
 * - `running`: it is a batch; `ended`: that has ended, and its files are not here yet; `collected`: they are
 * - `split`: others hold its requests; `given-up`: its rows stay without an answer
 */
export type ShardPhase =
  | 'waiting'
  | 'uncertain'
  | 'suspected'
  | 'undecided'
  | 'running'
  | 'ended'
  | 'collected'
  | 'split'
  | 'given-up';

export interface ShardState extends Shard {
  phase: ShardPhase;
  /** Of the last time that it was about to be sent. */
  nonce?: string;
  submittingAt?: string;
  /** Until then a batch of it may have been created. */
  unsureSince?: string;
  uploaded?: BatchFile;
  batch?: string;
  suspects: string[];
  /** Batches that were taken for it, and are not. */
  disproved: string[];
  ended?: EndedBatch;
  files: CollectedFile[];
  succeeded?: number;
  failed?: number;
  usd?: number;
  /** Why its last batch was not taken. */
  obstacle?: { kind: Obstacle; message: string; times: number };
  /** It was cancelled by the run itself, because of the deadline or for the user. */
  cancelling?: string;
  why?: string;
}

/** Rows that were asked outside of batches. */
export interface DirectAnswers {
  requests: string;
  answers: string;
  rows: number;
  file?: CollectedFile;
  succeeded?: number;
  failed?: number;
  usd?: number;
}

/** All that a journal tells. */
export class RunState {
  readonly shards = new Map<string, ShardState>();
  /** Input files that the run uploaded and has not removed. */
  readonly uploads = new Set<string>();
  /** Every batch that was ever one of this run's, also one that failed and was sent again, and its shard. */
  readonly batches = new Map<string, string>();
  /** Requests that the provider refuses by name, and why. */
  readonly refusedRows = new Map<string, string>();
  lists = 0;
  requests = 0;
  skipped = 0;
  facts: PlanFacts | undefined;
  version: string | undefined;
  begun: string | undefined;
  approved = false;
  canary: Extract<RunEvent, { event: 'canary' }> | undefined;
  /** The last round whose rows have been looked at for what to ask again. */
  healedRound = 0;
  limitTokens: number | undefined;
  limitRequests: number | undefined;
  deadlineReached = false;
  direct: DirectAnswers | undefined;
  stopped: { code: StopCode; message: string } | undefined;
  cancelled = false;
  /** Files of these names, which the user chose for the output, may be from this run. */
  readonly wroteOutputs = new Set<string>();
  finished: (Extract<RunEvent, { event: 'finished' }> & { at: string }) | undefined;

  static of(events: readonly RecordedEvent[]): RunState {
    const state = new RunState();
    for (const event of events) state.apply(event);
    return state;
  }

  get planned(): boolean {
    return this.facts !== undefined;
  }

  /** The last round that requests were made for. */
  get round(): number {
    let round = 0;
    for (const shard of this.shards.values()) round = Math.max(round, shard.round);
    return round;
  }

  /** Shards that are sent, or were: without those that others stand for. */
  get active(): ShardState[] {
    return [...this.shards.values()].filter(({ phase }) => phase !== 'split');
  }

  in(...phases: ShardPhase[]): ShardState[] {
    return [...this.shards.values()].filter(({ phase }) => phases.includes(phase));
  }

  /** What has been paid for, as far as it is known. */
  get spentUsd(): number {
    let usd = this.direct?.usd ?? 0;
    for (const shard of this.shards.values()) usd += shard.usd ?? 0;
    return usd;
  }

  shard(id: string): ShardState {
    const shard = this.shards.get(id);
    if (!shard) throw new Error(`The journal speaks of a shard ${id} that it never named`);
    return shard;
  }

  apply(event: RecordedEvent): void {
    switch (event.event) {
      case 'begun':
        this.version = event.version;
        this.begun = event.at;
        return;
      case 'resumed':
        this.stopped = undefined;
        // Whatever was under way then may have come through at any moment until now.
        for (const shard of this.in('uncertain')) shard.unsureSince = event.at;
        return;
      case 'writing':
        if (event.output !== undefined) this.wroteOutputs.add(event.output);
        return;
      case 'planned':
        this.facts = event.facts;
        this.lists = event.lists;
        this.requests = event.requests;
        this.skipped = event.skipped;
        this.add(event.shards);
        return;
      case 'approved':
        this.approved = true;
        return;
      case 'canary':
        this.canary = event;
        return;
      case 'limit':
        this.limitTokens = event.tokens ?? this.limitTokens;
        this.limitRequests = event.requests ?? this.limitRequests;
        return;
      case 'healed':
        this.healedRound = event.round;
        this.add(event.shards);
        return;
      case 'removed':
        this.uploads.delete(event.file);
        return;
      case 'deadline':
        this.deadlineReached = true;
        return;
      case 'asking':
        this.direct = { requests: event.requests, answers: event.answers, rows: event.rows };
        return;
      case 'asked': {
        const { file, succeeded, failed, usd } = event;
        if (this.direct) Object.assign(this.direct, { file, succeeded, failed, usd });
        return;
      }
      case 'stopped':
        this.stopped = { code: event.code, message: event.message };
        return;
      case 'cancelled':
        this.cancelled = true;
        return;
      case 'finished':
        this.finished = event;
        return;
      default:
        this.applyToShard(event);
    }
  }

  private applyToShard(event: Extract<RecordedEvent, { shard: string }>): void {
    // Written by a program of the same layout that knows more events than this one.
    if (event.shard === undefined) return;
    const shard = this.shard(event.shard);
    switch (event.event) {
      case 'submitting':
        Object.assign(shard, {
          phase: 'uncertain',
          nonce: event.nonce,
          submittingAt: event.at,
          unsureSince: event.at,
          suspects: [],
        });
        return;
      case 'uploaded':
        shard.uploaded = event.file;
        this.uploads.add(event.file.id);
        return;
      case 'submitted':
      case 'found':
        Object.assign(shard, { phase: 'running', batch: event.batch, suspects: [] });
        this.batches.set(event.batch, shard.id);
        return;
      case 'refused': {
        shard.phase = 'waiting';
        shard.uploaded = event.uploaded;
        if (event.obstacle) this.meetObstacle(shard, event.obstacle, event.message);
        return;
      }
      case 'lost':
        shard.unsureSince = event.at;
        return;
      case 'suspected':
        Object.assign(shard, { phase: 'suspected', suspects: event.batches });
        return;
      case 'undecided':
        Object.assign(shard, { phase: 'undecided', suspects: event.batches });
        return;
      case 'disproved':
        Object.assign(shard, { phase: 'uncertain', suspects: [] });
        shard.disproved.push(...event.batches);
        return;
      case 'absent':
        Object.assign(shard, { phase: 'waiting', suspects: [] });
        return;
      case 'ended':
        Object.assign(shard, { phase: 'ended', ended: event.batch });
        for (const { kind, id } of event.batch.files) if (kind === 'input') this.uploads.add(id);
        return;
      case 'collected': {
        const { files, succeeded, failed, usd } = event;
        Object.assign(shard, { phase: 'collected', files, succeeded, failed, usd });
        return;
      }
      case 'returned':
        Object.assign(shard, { phase: 'waiting', batch: undefined, ended: undefined });
        if (event.obstacle) this.meetObstacle(shard, event.obstacle, event.message);
        return;
      case 'split':
        shard.phase = 'split';
        this.add(event.into);
        return;
      case 'rows-refused':
        for (const { id, message } of event.rows) this.refusedRows.set(id, message);
        return;
      case 'vanished':
      case 'given-up':
        shard.phase = 'given-up';
        shard.why = event.event === 'vanished' ? event.message : event.why;
        return;
      case 'cancelling':
        shard.cancelling = event.why;
        return;
    }
  }

  private meetObstacle(shard: ShardState, kind: Obstacle, message: string): void {
    shard.obstacle = { kind, message, times: (shard.obstacle?.times ?? 0) + 1 };
  }

  private add(shards: readonly Shard[]): void {
    for (const shard of shards) {
      this.shards.set(shard.id, { ...shard, phase: 'waiting', suspects: [], disproved: [], files: [] });
    }
  }
}
