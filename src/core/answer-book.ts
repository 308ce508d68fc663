import type { Batch } from '@instructor-cli/provider-kit';
import { IdTable } from '../rows/id-table.js';
import type { AnswerIndex } from './answer-index.js';
import type { CollectOptions } from './collect-results.js';
import type { Attempt, BatchResult } from './result-row.js';
import { noteUnreadable, spoolLines } from './spool-lines.js';
import { Spool } from './spool.js';

type Maybe<T> = T | Promise<T>;

/** The answers of one or several batches, on disk, to be asked for by id. Each is given once. */
export class AnswerBook {
  private readonly given: Uint8Array;
  /** Ids that were asked for and have no answer; the others are marked as given. */
  private readonly unanswered = new IdTable();

  private constructor(
    private readonly options: CollectOptions,
    private readonly spool: Spool,
    private readonly index: AnswerIndex,
  ) {
    this.given = new Uint8Array(index.ids.size);
  }

  static async open(options: CollectOptions): Promise<AnswerBook> {
    const spool = await Spool.create();
    try {
      return new AnswerBook(options, spool, await spoolLines(options, spool));
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  /** Ids that have an answer. */
  get size(): number {
    return this.index.ids.size;
  }

  has(id: string): boolean {
    return this.index.ids.find(id) !== -1;
  }

  /** What became of a request; undefined if that was said already. */
  answerTo(id: string): Maybe<BatchResult> | undefined {
    const number = this.index.ids.find(id);
    if (number === -1) return this.unanswered.add(id) < 0 ? undefined : this.missing(id);
    if (this.given[number] === 1) return undefined;
    this.given[number] = 1;
    return this.read(number, id);
  }

  /** What nobody has asked for, as it came. */
  async *others(): AsyncGenerator<BatchResult[]> {
    for (const [number, wasGiven] of this.given.entries()) {
      if (wasGiven) continue;
      this.given[number] = 1;
      const row = await this.read(number, undefined);
      if (row) yield [row];
    }
  }

  async close(): Promise<void> {
    await this.spool.close();
  }

  private read(number: number, id: string): Maybe<BatchResult>;
  private read(number: number, id: string | undefined): Maybe<BatchResult | undefined>;
  private read(number: number, id: string | undefined): Maybe<BatchResult | undefined> {
    const records = this.index.recordsOf(number);
    const [only] = records;
    if (records.length === 1 && only) {
      const row = this.readRecord(only.record, id);
      return this.options.batches.length > 1 ? this.withAttempts([row], records) : row;
    }
    return this.withAttempts(
      records.map(({ record }) => this.readRecord(record, id)),
      records,
    );
  }

  /** The newest good answer, else the newest; with what else was tried. */
  private async withAttempts(
    readings: Maybe<BatchResult | undefined>[],
    records: { batch: number }[],
  ): Promise<BatchResult | undefined> {
    const attempts: (Attempt & { row: BatchResult })[] = [];
    for (const [at, reading] of readings.entries()) {
      const row = await reading;
      const batch = this.options.batches[records[at]?.batch ?? 0];
      if (row && batch) attempts.push({ batchId: batch.id, row });
    }
    const chosen = attempts.find(({ row }) => row.success) ?? attempts[0];
    if (!chosen) return undefined;
    const { row, batchId } = chosen;
    // Oldest first, as they happened.
    const others = attempts.filter((attempt) => attempt !== chosen).reverse();
    return { ...row, batchId, attempts: attempts.length, otherAttempts: others };
  }

  private readRecord(record: number, customId: string | undefined): Maybe<BatchResult | undefined> {
    const unreadable = (error: unknown): BatchResult | undefined => {
      noteUnreadable(this.options, { file: 'the result files', line: record + 1, text: '' }, error);
      if (customId === undefined) return undefined;
      const message = `The result line of this request cannot be read: ${(error as Error).message}`;
      const reason = { type: 'unreadable_result', message, retryable: true };
      return { customId, outcome: 'missing', success: false, error: reason };
    };
    try {
      const reading = this.options.readRow(this.spool.get(record));
      return reading instanceof Promise ? reading.catch(unreadable) : reading;
    } catch (error) {
      return unreadable(error);
    }
  }

  private missing(customId: string): BatchResult {
    const error = this.options.whyMissing?.(customId);
    if (error) return { customId, outcome: 'missing', success: false, error };
    return missingRow(customId, this.options.batches.at(-1));
  }
}

function missingRow(customId: string, batch: Batch | undefined): BatchResult {
  const problem = batch?.problems[0];
  const error =
    batch?.status === 'failed'
      ? {
          type: 'batch_failed',
          message: problem?.message ?? 'The batch failed before any request was answered',
          code: problem?.code,
        }
      : {
          type: 'no_result',
          message: 'The batch ended without any result for this request',
          retryable: true,
        };
  return { customId, outcome: 'missing', success: false, error };
}
