import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isObject } from '../objects.js';
import { CustomIdFile } from '../service/custom-ids.js';
import { WireError } from '../service/wire-error.js';
import { fault } from './errors.js';
import { RequestScanner } from './request-scanner.js';
import type { ReceivedRequests } from './state.js';

export const MAX_REQUESTS = 100_000;
export const MAX_BODY_BYTES = 256 * 1024 * 1024;

const CUSTOM_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** Writes the body to disk and judges its requests as they pass by; `params` are not looked into before they run. */
export async function receiveBatch(body: unknown, path: string, idsPath: string): Promise<ReceivedRequests> {
  if (!(body instanceof Readable)) throw fault(400, 'requests: Field required');
  let bytes = 0;
  let problem: WireError | undefined;
  const ids = new CustomIdFile(idsPath);
  const hash = createHash('sha256');
  const check = new RequestCheck(ids);
  const scanner = new RequestScanner((text, index) => {
    check.item(text, index);
    hash.update(`${text.trim()}\n`);
  });

  // After a fault the rest is read and dropped: a client that is still sending would never see the answer.
  async function* passOn(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (problem) continue;
      try {
        if (bytes > MAX_BODY_BYTES) throw fault(413, 'Request exceeds the maximum size');
        scanner.push(chunk);
      } catch (error) {
        problem = error instanceof WireError ? error : fault(413, 'Request exceeds the maximum size');
        continue;
      }
      yield chunk;
    }
  }

  try {
    await pipeline(body, passOn, createWriteStream(path));
    if (problem) throw problem;
    checkRest(scanner.rest, scanner.index.size);
    const { index } = scanner;
    return { index, requestsSha256: hash.digest('hex'), customIdsSha256: ids.finish() };
  } catch (error) {
    ids.discard();
    await rm(path, { force: true });
    throw error;
  }
}

class RequestCheck {
  readonly #ids = new Set<string>();

  constructor(private readonly customIds: CustomIdFile) {}

  item(text: string, index: number): void {
    const at = `requests.${index}`;
    if (index >= MAX_REQUESTS) {
      throw fault(
        400,
        `requests: List should have at most ${MAX_REQUESTS} items after validation, not ${index + 1}`,
      );
    }
    let item: unknown;
    try {
      item = JSON.parse(text);
    } catch (error) {
      throw broken(error as Error);
    }
    if (!isObject(item))
      throw fault(400, `${at}: Input should be a valid dictionary or object to extract fields from`);
    const { custom_id: id, params, ...others } = item;
    if (id === undefined) throw fault(400, `${at}.custom_id: Field required`);
    if (typeof id !== 'string') throw fault(400, `${at}.custom_id: Input should be a valid string`);
    if (id.length > 64) throw fault(400, `${at}.custom_id: String should have at most 64 characters`);
    if (id.length === 0) throw fault(400, `${at}.custom_id: String should have at least 1 character`);
    if (!CUSTOM_ID.test(id)) {
      throw fault(400, `${at}.custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'`);
    }
    if (this.#ids.has(id))
      throw fault(400, `${at}.custom_id: '${id}' is used more than once; custom_ids must be unique`);
    this.#ids.add(id);
    this.customIds.add(id);
    if (params === undefined) throw fault(400, `${at}.params: Field required`);
    if (!isObject(params)) throw fault(400, `${at}.params: Input should be a valid dictionary`);
    const [extra] = Object.keys(others);
    if (extra !== undefined) throw fault(400, `${at}.${extra}: Extra inputs are not permitted`);
  }
}

function checkRest(text: string, requests: number): void {
  let rest: unknown;
  try {
    rest = JSON.parse(text);
  } catch (error) {
    throw broken(error as Error);
  }
  if (!isObject(rest))
    throw fault(400, 'Input should be a valid dictionary or object to extract fields from');
  const extra = Object.keys(rest).find((name) => name !== 'requests');
  if (extra !== undefined) throw fault(400, `${extra}: Extra inputs are not permitted`);
  if (rest.requests === undefined) throw fault(400, 'requests: Field required');
  if (!Array.isArray(rest.requests)) throw fault(400, 'requests: Input should be a valid list');
  if (requests === 0) throw fault(400, 'requests: List should have at least 1 item after validation, not 0');
}

function broken(error: Error): WireError {
  return fault(400, `The request body is not valid JSON: ${error.message}`);
}
