import type { RowFate } from '../options.js';
import { Random } from '../random.js';
import { ResultFile } from '../service/result-file.js';
import { countTurns, expiresAfter, fateOf } from '../service/row-fate.js';
import { RowReader, type RowIndex } from '../service/row-index.js';
import { shuffledRows } from '../service/row-order.js';
import type { Upstream } from '../upstream/upstream.js';
import { answerRequest, type Answered } from './answer-request.js';
import type { OpenAiState, StoredBatch, StoredFile } from './state.js';
import { addUsage } from './usage.js';
import type { BatchObject, BatchUsage } from './wire.js';

interface RequestLine {
  custom_id: string;
  body: Record<string, unknown>;
}

interface FatedRow {
  line: RequestLine;
  fate: RowFate;
}

/** How far a batch has come. */
export interface Progress {
  done: number;
  outputBytes: number;
  errorBytes: number;
  counts: BatchObject['request_counts'];
  usage: BatchUsage;
  rowsAnswered: number;
}

/** Nothing has to be made up for these. */
const UNANSWERED: RowFate[] = ['expired', 'cancelled', 'missing', 'status_0'];

const NEVER_RAN = {
  batch_expired: 'This request could not be executed before the completion window expired.',
  batch_cancelled: 'This request could not be executed because the batch was cancelled.',
};

/** The rows of a running batch: answers them one by one, in an order of its own, into an output and an error file. */
export class BatchRows {
  readonly total: number;
  readonly usage: BatchUsage;
  /** How many rows are answered before the batch expires, if it does. */
  readonly expiresAfter: number | undefined;
  readonly #output: ResultFile;
  readonly #errors: ResultFile;
  #done: number;
  readonly #order: Uint32Array;
  readonly #count: () => void;
  readonly #reader: RowReader;

  constructor(
    private readonly state: OpenAiState,
    private readonly batch: StoredBatch,
    inputPath: string,
    index: RowIndex,
    progress?: Progress,
  ) {
    const { info, resultIds } = batch;
    this.total = index.size;
    this.#done = progress?.done ?? 0;
    this.usage = progress?.usage ?? structuredClone(info.usage);
    info.request_counts = progress?.counts ?? { total: this.total, completed: 0, failed: 0 };
    this.#output = new ResultFile(state.path(resultIds.output), progress?.outputBytes);
    this.#errors = new ResultFile(state.path(resultIds.errors), progress?.errorBytes);
    const { ledger, stats } = state.context;
    this.expiresAfter = expiresAfter(state.context, this.total, batch.faults);
    this.#count = ledger.countRows(info.id, stats, progress?.rowsAnswered ?? 0);
    this.#order = shuffledRows(this.total, batch.seed);
    this.#reader = new RowReader(inputPath, index);
  }

  /** How many rows are done with, answered or not. */
  get done(): number {
    return this.#done;
  }

  /** Once everything is flushed, all that is needed to go on from here. */
  progress(): Progress {
    return {
      done: this.#done,
      outputBytes: this.#output.bytes,
      errorBytes: this.#errors.bytes,
      counts: { ...this.batch.info.request_counts },
      usage: structuredClone(this.usage),
      rowsAnswered: this.state.context.ledger.get(this.batch.info.id)?.rowsAnswered ?? 0,
    };
  }

  /** Answers the row at a place of the order. */
  answer(place: number): void {
    const row = this.#fated(place);
    this.#settle(row, this.#compose(row));
  }

  /** Has the row answered elsewhere if all goes well with it. What it gives puts the answer among the results. */
  async ask(place: number, upstream: Upstream, signal: AbortSignal): Promise<() => void> {
    const row = this.#fated(place);
    const { line, fate } = row;
    if (fate !== 'succeeded' && fate !== 'twice') return () => this.#settle(row, this.#compose(row));
    const answered = await upstream.ask(this.batch.info.endpoint.slice('/v1'.length), line.body, signal);
    return () => this.#settle(row, answered);
  }

  #fated(place: number): FatedRow {
    const { line, index } = this.#row(place);
    const fate = fateOf(this.state.context, {
      customId: line.custom_id,
      index,
      provider: 'openai',
      turns: countTurns(line.body.messages ?? line.body.input),
      place,
      lastPlace: this.expiresAfter ?? Infinity,
    });
    return { line, fate };
  }

  #compose({ line, fate }: FatedRow): Answered {
    if (UNANSWERED.includes(fate)) return { status: 0, body: null };
    const { seed } = this.state.context;
    return answerRequest(this.batch.info.endpoint, line.body, fate, { seed, key: line.custom_id });
  }

  #settle({ line, fate }: FatedRow, { status, body }: Answered): void {
    this.#done++;
    const key = line.custom_id;
    if (fate === 'expired') return this.#neverRan(key, 'batch_expired');
    if (fate === 'cancelled') return this.#neverRan(key, 'batch_cancelled');
    const counts = this.batch.info.request_counts;
    this.#count();
    if (fate === 'missing') {
      counts.completed++;
      return;
    }
    const random = this.#random(key);
    const id = `batch_req_${random.hex(32)}`;
    if (fate === 'status_0') {
      counts.failed++;
      const response = { status_code: 0, request_id: '', body: null };
      return this.#errors.add({ id, custom_id: key, response, error: null });
    }
    const response = { status_code: status, request_id: random.hex(32), body };
    const result = { id, custom_id: key, response, error: null };
    if (status >= 200 && status < 300) {
      counts.completed++;
      addUsage(this.usage, body);
      this.#output.add(result);
      if (fate === 'twice') this.#output.add(result);
    } else {
      counts.failed++;
      this.#errors.add(result);
    }
  }

  /** Writes off a row that the batch did not get to. */
  cancel(place: number): void {
    this.#done++;
    this.#neverRan(this.#row(place).line.custom_id, 'batch_cancelled');
  }

  async flush(): Promise<void> {
    await Promise.all([this.#output.flush(), this.#errors.flush()]);
  }

  /** Puts the results among the files. A file without lines does not come to exist: its id stays null. */
  async publish(): Promise<StoredFile[]> {
    await this.close();
    const { info, outputLifetime: lifetime, resultIds, faults } = this.batch;
    const { request_counts: counts } = info;
    counts.completed = Math.max(0, counts.completed + (faults.countsOff ?? 0));
    const published: StoredFile[] = [];
    const add = (file: ResultFile, id: string, filename: string): string | null => {
      if (file.isEmpty) return null;
      published.push(
        this.state.addFile(id, { bytes: file.bytes, filename, purpose: 'batch_output', lifetime }),
      );
      return id;
    };
    info.output_file_id = faults.nullOutput
      ? null
      : add(this.#output, resultIds.output, `${info.id}_output.jsonl`);
    info.error_file_id = add(this.#errors, resultIds.errors, `${info.id}_error.jsonl`);
    return published;
  }

  async close(): Promise<void> {
    this.#reader.close();
    await Promise.all([this.#output.close(), this.#errors.close()]);
  }

  #row(place: number): { line: RequestLine; index: number } {
    const index = this.#order[place] ?? 0;
    return { line: JSON.parse(this.#reader.read(index)) as RequestLine, index };
  }

  #neverRan(customId: string, code: keyof typeof NEVER_RAN): void {
    this.#errors.add({
      id: `batch_req_${this.#random(customId).hex(32)}`,
      custom_id: customId,
      response: null,
      error: { code, message: NEVER_RAN[code] },
    });
  }

  #random(customId: string): Random {
    return new Random(`${this.state.context.seed}:line:${customId}`);
  }
}
