import { Random } from '../random.js';
import { ResultFile } from '../service/result-file.js';
import { countTurns, fateOf } from '../service/row-fate.js';
import { RowReader, type RowIndex } from '../service/row-index.js';
import { shuffledRows } from '../service/row-order.js';
import { answerRequest } from './answer-request.js';
import type { OpenAiState, StoredBatch, StoredFile } from './state.js';
import { addUsage } from './usage.js';
import type { BatchUsage } from './wire.js';

interface RequestLine {
  custom_id: string;
  body: Record<string, unknown>;
}

const NEVER_RAN = {
  batch_expired: 'This request could not be executed before the completion window expired.',
  batch_cancelled: 'This request could not be executed because the batch was cancelled.',
};

/** The rows of a running batch: answers them one by one, in an order of its own, into an output and an error file. */
export class BatchRows {
  readonly total: number;
  readonly usage: BatchUsage;
  readonly #output: ResultFile;
  readonly #errors: ResultFile;
  readonly #outputPlace: { id: string; path: string };
  readonly #errorPlace: { id: string; path: string };
  readonly #order: Uint32Array;
  readonly #reader: RowReader;

  constructor(
    private readonly state: OpenAiState,
    private readonly batch: StoredBatch,
    input: StoredFile,
    index: RowIndex,
  ) {
    this.total = index.size;
    this.usage = structuredClone(batch.info.usage);
    this.#outputPlace = state.newFilePath();
    this.#errorPlace = state.newFilePath();
    this.#output = new ResultFile(this.#outputPlace.path);
    this.#errors = new ResultFile(this.#errorPlace.path);
    this.#order = shuffledRows(this.total, state.context.seed);
    this.#reader = new RowReader(input.path, index);
  }

  /** Answers the row at a place of the order. */
  answer(place: number): void {
    const { context } = this.state;
    const { line, index } = this.#row(place);
    const fate = fateOf(context, {
      customId: line.custom_id,
      index,
      provider: 'openai',
      turns: countTurns(line.body.messages ?? line.body.input),
      place,
      total: this.total,
    });
    if (fate === 'expired') return this.#neverRan(line.custom_id, 'batch_expired');
    if (fate === 'cancelled') return this.#neverRan(line.custom_id, 'batch_cancelled');
    const counts = this.batch.info.request_counts;
    context.stats.rowsAnswered++;
    if (fate === 'missing') {
      counts.completed++;
      return;
    }
    const key = line.custom_id;
    const { status, body } = answerRequest(this.batch.info.endpoint, line.body, fate, {
      seed: context.seed,
      key,
    });
    const random = this.#random(key);
    const result = {
      id: `batch_req_${random.hex(32)}`,
      custom_id: key,
      response: { status_code: status, request_id: random.hex(32), body },
      error: null,
    };
    if (status >= 200 && status < 300) {
      counts.completed++;
      addUsage(this.usage, body);
      this.#output.add(result);
    } else {
      counts.failed++;
      this.#errors.add(result);
    }
  }

  /** Writes off a row that the batch did not get to. */
  cancel(place: number): void {
    this.#neverRan(this.#row(place).line.custom_id, 'batch_cancelled');
  }

  async flush(): Promise<void> {
    await Promise.all([this.#output.flush(), this.#errors.flush()]);
  }

  /** Puts the results among the files. A file without lines does not come to exist: its id stays null. */
  async publish(): Promise<void> {
    await this.close();
    const { info, outputLifetime: lifetime } = this.batch;
    const add = (file: ResultFile, place: { id: string; path: string }, filename: string): string | null =>
      file.isEmpty
        ? null
        : this.state.addFile(place, { bytes: file.bytes, filename, purpose: 'batch_output', lifetime }).id;
    info.output_file_id = add(this.#output, this.#outputPlace, `${info.id}_output.jsonl`);
    info.error_file_id = add(this.#errors, this.#errorPlace, `${info.id}_error.jsonl`);
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
