import { OUTCOMES, type Outcome, type PriceList, type Usage } from '@instructor-cli/provider-kit';
import { costOf } from './cost.js';
import type { BatchResult } from './result-row.js';

/** Why rows failed: one entry a kind, with a row to look at. */
export interface FailureReason {
  outcome: Outcome;
  type: string;
  message: string;
  count: number;
  /** Custom id of the first such row. */
  example: string;
}

/** What came of a batch: every row is counted exactly once. */
export class ResultSummary {
  readonly outcomes = new Map<Outcome, number>();
  readonly usage: Required<Usage> = {
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
  };
  /** In US dollars, of the rows whose price is known. */
  costUsd = 0;
  /** Answers that cost something, nobody knows what, by model. */
  readonly unpriced = new Map<string, number>();
  /** Lines of result files that could not be read. */
  unreadableLines = 0;
  /** Answers that came a second time for the same request. */
  duplicates = 0;
  /** Answers to requests that are not in the request file. */
  unexpected = 0;
  /** Lines of the request file with a custom id that came before: they are the same request. */
  repeatedRequests = 0;
  /** Rows of the joined input that no request was made of. */
  notAsked = 0;
  /** Rows that were asked in several batches. */
  askedAgain = 0;
  /** Requests that the provider counts, but of which no result names the id. */
  unaccounted = 0;
  private readonly reasonsByKey = new Map<string, FailureReason>();

  /**
   * @param prices of the provider, for the cost; without, it is unknown
   * @param isDirect tells batches that are none: their answers cost the ordinary price
   */
  constructor(
    readonly prices?: PriceList,
    private readonly isDirect: (batchId: string | undefined) => boolean = () => false,
  ) {}

  get total(): number {
    let total = 0;
    for (const count of this.outcomes.values()) total += count;
    return total;
  }

  get succeeded(): number {
    return this.outcomes.get('succeeded') ?? 0;
  }

  /** Whether every row that is known of has a good answer. */
  get flawless(): boolean {
    return (
      this.total > 0 &&
      this.total === this.succeeded &&
      this.unreadableLines === 0 &&
      this.unexpected === 0 &&
      this.unaccounted === 0
    );
  }

  /** The most frequent reasons first. */
  get reasons(): FailureReason[] {
    return [...this.reasonsByKey.values()].sort((a, b) => b.count - a.count);
  }

  /** Counts in the order of the list of outcomes, without those that did not occur. */
  get counts(): [Outcome, number][] {
    return OUTCOMES.filter((outcome) => this.outcomes.has(outcome)).map((outcome) => [
      outcome,
      this.outcomes.get(outcome) ?? 0,
    ]);
  }

  add(row: BatchResult): void {
    this.outcomes.set(row.outcome, (this.outcomes.get(row.outcome) ?? 0) + 1);
    if ((row.attempts ?? 1) > 1) this.askedAgain += 1;
    for (const attempt of row.otherAttempts ?? []) this.addUsage(attempt.row, attempt.batchId);
    this.addUsage(row, row.batchId);
    if (row.success) return;
    const { type, message } = row.error;
    // Messages may name the row they are about, so the kind of an error is its type; two kinds of it with the same
    // type differ in the first words.
    const key = `${row.outcome} ${type} ${message.slice(0, 40)}`;
    const reason = this.reasonsByKey.get(key);
    if (reason) reason.count += 1;
    else if (this.reasonsByKey.size < MOST_REASONS) {
      this.reasonsByKey.set(key, { outcome: row.outcome, type, message, count: 1, example: row.customId });
    }
  }

  /** What was paid for, good or not. */
  private addUsage({ usage, model = 'an unnamed model' }: BatchResult, batchId: string | undefined): void {
    if (!usage) return;
    this.usage.inputTokens += usage.inputTokens ?? 0;
    this.usage.cachedInputTokens += usage.cachedInputTokens ?? 0;
    this.usage.outputTokens += usage.outputTokens ?? 0;
    this.usage.reasoningTokens += usage.reasoningTokens ?? 0;
    const cost = this.prices && costOf(this.prices, model, usage, { batch: !this.isDirect(batchId) });
    if (cost === undefined) this.unpriced.set(model, (this.unpriced.get(model) ?? 0) + 1);
    else this.costUsd += cost;
  }
}

/** A provider that puts a random id into each message must not fill the memory. */
const MOST_REASONS = 1000;
