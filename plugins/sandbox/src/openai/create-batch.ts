import { strikeBatch } from '../faults/batch-faults.js';
import { strikeQueue } from '../faults/queue-limit.js';
import { isObject } from '../objects.js';
import { newHexId } from '../service/ids.js';
import { fault, missing, tokenLimit, unsupportedValue, wrongType } from './errors.js';
import { readExpiresAfter } from './expires-after.js';
import { DEFAULT_LIFETIME, type OpenAiState, type StoredBatch } from './state.js';
import { unixNow } from './wire.js';

export const ENDPOINTS = ['/v1/responses', '/v1/chat/completions', '/v1/embeddings'] as const;

const PARAMETERS = ['input_file_id', 'endpoint', 'completion_window', 'metadata', 'output_expires_after'];
const DAY = 24 * 3600;

/** Checks what can be checked at once. The file itself is read later: its faults make the batch fail, not this. */
export function createBatch(state: OpenAiState, body: unknown): StoredBatch {
  const input = isObject(body) ? body : {};
  const unknown = Object.keys(input).find((name) => !PARAMETERS.includes(name));
  if (unknown) {
    throw fault(400, {
      message: `Unknown parameter: '${unknown}'.`,
      param: unknown,
      code: 'unknown_parameter',
    });
  }
  for (const name of ['input_file_id', 'endpoint', 'completion_window']) {
    if (input[name] === undefined) throw fault(400, missing(name));
    if (typeof input[name] !== 'string') throw fault(400, wrongType(name, 'a string', input[name]));
  }
  const endpoint = String(input.endpoint);
  if (!(ENDPOINTS as readonly string[]).includes(endpoint)) {
    throw fault(400, unsupportedValue('endpoint', endpoint, ENDPOINTS));
  }
  if (input.completion_window !== '24h') {
    throw fault(400, unsupportedValue('completion_window', input.completion_window, ['24h']));
  }
  const file = state.files.get(String(input.input_file_id));
  if (!file) {
    throw fault(400, {
      message: `No such File object: ${String(input.input_file_id)}`,
      param: 'input_file_id',
    });
  }
  if (file.info.purpose !== 'batch') {
    throw fault(400, {
      message: `Invalid input file: its purpose is '${file.info.purpose}', but must be 'batch'.`,
      param: 'input_file_id',
    });
  }
  const tokens = Math.ceil(file.info.bytes / 4);
  const full = strikeQueue(
    state.context.faults,
    { protocol: 'openai' },
    () => state.queueLoad({ tokens, requests: 0 }, () => true),
    'refused',
  );
  if (full) throw fault(429, tokenLimit(null, full.tokens ?? 0));
  const now = unixNow();
  const batch: StoredBatch = {
    outputLifetime: readExpiresAfter(input.output_expires_after, 'output_expires_after') ?? DEFAULT_LIFETIME,
    seed: state.context.seed,
    tokens,
    faults: {},
    resultIds: { output: state.newFileId(), errors: state.newFileId() },
    cancel: new AbortController(),
    info: {
      id: newHexId('batch_'),
      object: 'batch',
      endpoint,
      model: null,
      errors: null,
      input_file_id: file.info.id,
      completion_window: '24h',
      status: 'validating',
      output_file_id: null,
      error_file_id: null,
      created_at: now,
      in_progress_at: null,
      expires_at: now + DAY,
      finalizing_at: null,
      completed_at: null,
      failed_at: null,
      expired_at: null,
      cancelling_at: null,
      cancelled_at: null,
      request_counts: { total: 0, completed: 0, failed: 0 },
      usage: {
        input_tokens: 0,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 0,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 0,
      },
      metadata: readMetadata(input.metadata),
    },
  };
  // Last, so that nothing that is refused uses them up.
  batch.faults = strikeBatch(state.context.faults, 'openai');
  state.batches.add(batch.info.id, batch);
  state.context.ledger.add({
    id: batch.info.id,
    protocol: 'openai',
    createdAt: new Date().toISOString(),
    status: batch.info.status,
    metadata: batch.info.metadata,
    requests: null,
    requestsSha256: file.sha256 ?? '',
    customIdsSha256: null,
    rowsAnswered: 0,
    answer: 'unknown',
  });
  return batch;
}

const MAX_PAIRS = 16;
const MAX_KEY = 64;
const MAX_VALUE = 512;

function readMetadata(value: unknown): Record<string, string> | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw fault(400, wrongType('metadata', 'an object', value));
  const pairs = Object.entries(value);
  if (pairs.length > MAX_PAIRS) {
    throw fault(400, {
      message: `Invalid 'metadata': too many properties. Expected an object with at most ${MAX_PAIRS} properties, but got an object with ${pairs.length} properties instead.`,
      param: 'metadata',
      code: 'object_above_max_properties',
    });
  }
  for (const [key, text] of pairs) {
    const param = `metadata.${key}`;
    if (typeof text !== 'string') throw fault(400, wrongType(param, 'a string', text));
    const tooLong =
      key.length > MAX_KEY
        ? [MAX_KEY, key.length]
        : text.length > MAX_VALUE
          ? [MAX_VALUE, text.length]
          : undefined;
    if (tooLong) {
      throw fault(400, {
        message: `Invalid '${param}': string too long. Expected a string with maximum length ${tooLong[0]}, but got a string with length ${tooLong[1]} instead.`,
        param,
        code: 'string_above_max_length',
      });
    }
  }
  return value as Record<string, string>;
}
