import { stat } from 'node:fs/promises';
import { isObject } from '../objects.js';
import type { CustomIdFile } from '../service/custom-ids.js';
import { RowIndex } from '../service/row-index.js';
import { scanLines } from '../service/scan-lines.js';
import type { BatchError } from './wire.js';

export const MAX_REQUESTS = 50_000;
export const MAX_INPUT_BYTES = 209_715_200;
/** Embeddings: the inputs of all lines together. */
const MAX_INPUTS = 50_000;
/** A file with a fault in every line would otherwise be answered with a list as long as itself. */
const MAX_ERRORS = 100;

export interface ValidatedInput {
  index: RowIndex;
  errors: BatchError[];
  model: string | null;
}

/** Reads an input file once: where its rows are, what their ids are, and what the service would refuse it for. */
export async function validateInput(
  path: string,
  endpoint: string,
  signal: AbortSignal,
  ids?: CustomIdFile,
): Promise<ValidatedInput> {
  const check = new InputCheck(endpoint, ids);
  await scanLines(path, (line, offset) => check.line(line, offset), signal);
  check.finish((await stat(path)).size);
  return { index: check.index, errors: check.errors, model: check.model };
}

class InputCheck {
  readonly index = new RowIndex();
  readonly errors: BatchError[] = [];
  model: string | null = null;
  #lineNumber = 0;
  #blankLines: number[] = [];
  #inputs = 0;
  readonly #ids = new Set<string>();

  constructor(
    private readonly endpoint: string,
    private readonly customIds?: CustomIdFile,
  ) {}

  line(bytes: Buffer, offset: number): void {
    this.#lineNumber++;
    const text = bytes.toString('utf8');
    if (text.trim() === '') {
      this.#blankLines.push(this.#lineNumber);
      return;
    }
    // Blank lines are at fault only between requests: every file may end in them.
    for (const line of this.#blankLines) this.#refuse(UNPARSEABLE, line);
    this.#blankLines = [];
    this.index.add(offset, bytes.length);
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      return this.#refuse(UNPARSEABLE);
    }
    if (!isObject(request)) return this.#refuse(UNPARSEABLE);
    this.#request(request);
  }

  #request(request: Record<string, unknown>): void {
    for (const name of ['custom_id', 'method', 'url', 'body']) {
      if (request[name] === undefined || request[name] === null) {
        const message = `Missing required parameter: '${name}'.`;
        return this.#refuse({ code: 'missing_required_parameter', message, param: name });
      }
    }
    const { custom_id: id, method, url, body } = request;
    if (typeof id !== 'string' || id === '') {
      const message = "Invalid type for 'custom_id': expected a string.";
      return this.#refuse({ code: 'invalid_type', message, param: 'custom_id' });
    }
    if (this.#ids.has(id)) {
      return this.#refuse({
        code: 'duplicate_custom_id',
        message: `The custom_id '${id}' for this request is a duplicate of another request. The custom_id parameter must be unique for each request in a batch.`,
        param: 'custom_id',
      });
    }
    this.#ids.add(id);
    this.customIds?.add(id);
    if (method !== 'POST') {
      const message = `Invalid value: '${String(method)}'. Supported values are: 'POST'.`;
      return this.#refuse({ code: 'invalid_method', message, param: 'method' });
    }
    if (url !== this.endpoint) {
      const message = `The URL provided for this request does not match the batch endpoint: expected '${this.endpoint}', but got '${String(url)}'.`;
      return this.#refuse({ code: 'url_mismatch', message, param: 'url' });
    }
    if (!isObject(body)) {
      return this.#refuse({
        code: 'invalid_type',
        message: "Invalid type for 'body': expected an object.",
        param: 'body',
      });
    }
    this.#inputs += Array.isArray(body.input) ? body.input.length : 1;
    this.#model(body.model);
  }

  #model(model: unknown): void {
    if (typeof model !== 'string' || model === '') {
      const message = "Missing required parameter: 'body.model'.";
      return this.#refuse({ code: 'missing_required_parameter', message, param: 'body.model' });
    }
    this.model ??= model;
    if (model === this.model) return;
    this.#refuse({
      code: 'mismatched_model',
      message: `The model '${model}' for this request does not match the rest of the batch. Each batch must contain requests for a single model.`,
      param: 'body.model',
    });
  }

  finish(bytes: number): void {
    if (this.index.size === 0) {
      const message =
        'The batch input file is empty. Please ensure that the batch contains at least one request.';
      this.#refuse({ code: 'empty_file', message, param: null }, null);
    }
    if (this.index.size > MAX_REQUESTS) {
      const message = `The batch input file contains too many requests. The maximum is ${MAX_REQUESTS}, but the file has ${this.index.size}.`;
      this.#refuse({ code: 'too_many_tasks', message, param: null }, null);
    }
    if (bytes > MAX_INPUT_BYTES) {
      const message = `The batch input file is larger than the ${MAX_INPUT_BYTES} maximum for the ${this.model} model.`;
      this.#refuse({ code: 'invalid_request', message, param: null }, null);
    }
    if (this.endpoint === '/v1/embeddings' && this.#inputs > MAX_INPUTS) {
      const message = `The batch contains too many embedding inputs. The maximum is ${MAX_INPUTS}, but the file has ${this.#inputs}.`;
      this.#refuse({ code: 'invalid_request', message, param: null }, null);
    }
  }

  #refuse(error: Omit<BatchError, 'line'>, line: number | null = this.#lineNumber): void {
    // Faults of the whole file go first and are never crowded out by those of its lines.
    if (line === null) this.errors.unshift({ ...error, line });
    else if (this.errors.length < MAX_ERRORS) this.errors.push({ ...error, line });
  }
}

const UNPARSEABLE = {
  code: 'invalid_json_line',
  message: 'This line is not parseable as valid JSON.',
  param: null,
};
