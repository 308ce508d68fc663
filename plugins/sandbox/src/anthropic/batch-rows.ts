import type { RowFate } from '../options.js';
import { Random } from '../random.js';
import { ResultFile } from '../service/result-file.js';
import { countTurns, expiresAfter, fateOf } from '../service/row-fate.js';
import { RowReader, type RowIndex } from '../service/row-index.js';
import { shuffledRows } from '../service/row-order.js';
import type { Upstream } from '../upstream/upstream.js';
import { checkParams } from './check-params.js';
import { askForMessage } from './ask-upstream.js';
import { composeMessage } from './message.js';
import type { AnthropicState, StoredBatch } from './state.js';
import type { MessageBatch, RowResult } from './wire.js';

interface RequestItem {
  custom_id: string;
  params: Record<string, unknown>;
}

interface FatedRow {
  item: RequestItem;
  fate: RowFate;
}

/** How far a batch has come. */
export interface Progress {
  done: number;
  bytes: number;
  counts: MessageBatch['request_counts'];
  rowsAnswered: number;
}

/** The rows of a running batch: answers them one by one, in an order of its own, into one file. */
export class BatchRows {
  readonly total: number;
  /** Kept apart from the batch, which shows nothing of it before it has ended. */
  readonly counts: MessageBatch['request_counts'];
  readonly #results: ResultFile;
  readonly #order: Uint32Array;
  readonly #reader: RowReader;
  readonly #count: () => void;
  /** Rows from this place on expire. */
  readonly #lastPlace: number;
  #done: number;

  constructor(
    private readonly state: AnthropicState,
    private readonly batch: StoredBatch,
    index: RowIndex,
    progress?: Progress,
  ) {
    const { ledger, stats } = state.context;
    this.total = index.size;
    this.#done = progress?.done ?? 0;
    this.counts = progress?.counts ?? { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
    this.#lastPlace = expiresAfter(state.context, this.total, batch.faults) ?? Infinity;
    this.#count = ledger.countRows(batch.info.id, stats, progress?.rowsAnswered ?? 0);
    this.#results = new ResultFile(batch.resultsPath, progress?.bytes);
    this.#order = shuffledRows(this.total, batch.seed);
    this.#reader = new RowReader(batch.bodyPath, index);
  }

  /** How many rows are done with, answered or not. */
  get done(): number {
    return this.#done;
  }

  /** Once everything is flushed, all that is needed to go on from here. */
  progress(): Progress {
    return {
      done: this.#done,
      bytes: this.#results.bytes,
      counts: { ...this.counts },
      rowsAnswered: this.state.context.ledger.get(this.batch.info.id)?.rowsAnswered ?? 0,
    };
  }

  /** Answers the row at a place of the order. */
  answer(place: number): void {
    const row = this.#fated(place);
    this.#settle(row, this.#result(row));
  }

  /** Has the row answered elsewhere if all goes well with it. What it gives puts the answer among the results. */
  async ask(place: number, upstream: Upstream, signal: AbortSignal): Promise<() => void> {
    const row = this.#fated(place);
    const { item, fate } = row;
    const result =
      fate === 'succeeded' || fate === 'twice'
        ? await this.#askUpstream(item, upstream, signal)
        : this.#result(row);
    return () => this.#settle(row, result);
  }

  #fated(place: number): FatedRow {
    const { item, index } = this.#row(place);
    const fate = fateOf(this.state.context, {
      customId: item.custom_id,
      index,
      provider: 'anthropic',
      turns: countTurns(item.params.messages),
      place,
      lastPlace: this.#lastPlace,
    });
    return { item, fate };
  }

  #settle({ item, fate }: FatedRow, result: RowResult): void {
    this.#done++;
    if (fate === 'missing') {
      this.counts.succeeded++;
      return;
    }
    if (fate !== 'expired' && fate !== 'cancelled') this.#count();
    this.#write(item.custom_id, result);
    if (fate === 'twice') this.#results.add({ custom_id: item.custom_id, result });
  }

  async #askUpstream({ custom_id, params }: RequestItem, upstream: Upstream, signal: AbortSignal) {
    const random = new Random(`${this.state.context.seed}:answer:${custom_id}`);
    const problem = checkParams(params, this.batch.version);
    if (problem) return errored('invalid_request_error', problem, random);
    const answer = await askForMessage(upstream, params, { random, tier: 'batch', signal });
    return 'message' in answer
      ? { type: 'succeeded' as const, message: answer.message }
      : errored(answer.error.type, answer.error.message, random);
  }

  /** Writes off a row that the batch did not get to. */
  cancel(place: number): void {
    this.#done++;
    this.#write(this.#row(place).item.custom_id, { type: 'canceled' });
  }

  flush(): Promise<void> {
    return this.#results.flush();
  }

  /** Ends the file of results, which is there even if it has no line. */
  async publish(): Promise<void> {
    await this.#results.create();
    await this.close();
  }

  async close(): Promise<void> {
    this.#reader.close();
    await this.#results.close();
  }

  #result({ item, fate }: FatedRow): RowResult {
    if (fate === 'expired' || fate === 'missing') return { type: 'expired' };
    if (fate === 'cancelled') return { type: 'canceled' };
    const random = new Random(`${this.state.context.seed}:answer:${item.custom_id}`);
    const problem = checkParams(item.params, this.batch.version);
    if (problem) return errored('invalid_request_error', problem, random);
    if (fate === 'errored') {
      return errored('invalid_request_error', 'The sandbox was asked to refuse this request.', random);
    }
    if (fate === 'server_error' || fate === 'status_0')
      return errored('api_error', 'Internal server error', random);
    return { type: 'succeeded', message: composeMessage(item.params, fate, random, 'batch') };
  }

  #write(customId: string, result: RowResult): void {
    this.counts[result.type]++;
    this.#results.add({ custom_id: customId, result });
  }

  #row(place: number): { item: RequestItem; index: number } {
    const index = this.#order[place] ?? 0;
    return { item: JSON.parse(this.#reader.read(index)) as RequestItem, index };
  }
}

function errored(type: string, message: string, random: Random) {
  const request_id = `req_011C${random.alphanumeric(20)}`;
  return {
    type: 'errored' as const,
    error: { type: 'error' as const, error: { type, message }, request_id },
  };
}
