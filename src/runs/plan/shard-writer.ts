import { createHash, type Hash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BatchProvider } from '@instructor-cli/provider-kit';
import type { BatchLimits } from '../../core/batch-packer.js';
import { openOutput, type Output } from '../../rows/output-file.js';
import type { Shard } from '../store/events.js';
import { SHARD_LIST } from '../store/run-paths.js';
import type { RequestEstimate, RequestPrice } from './request-price.js';

export interface ShardWriterOptions {
  /** The run directory. */
  folder: string;
  provider: BatchProvider;
  /** What a shard holds at most. */
  limits: BatchLimits;
  /** A batch has one model: each gets shards of its own. */
  byModel: boolean;
  price: RequestPrice;
  /** The number of the first shard. */
  firstNumber: number;
  round: number;
  /** So many requests go into shards of their own, before the others. */
  canary?: number;
  partOf?: string;
  /** The number of the first list; 0 for the plan. */
  firstList?: number;
}

/** A shard that is being written. */
interface OpenShard {
  output: Output;
  hash: Hash;
  shard: Shard;
  traits: Set<string>;
}

/** What the requests of a writer come to. */
export interface WrittenShards {
  shards: Shard[];
  requests: number;
  images: number;
  /** Absent if the price of one of them is unknown. */
  inputUsd?: number;
}

/** Puts requests into files of the size of a batch, in their order. */
export class ShardWriter {
  readonly lists = new Map<string, number>();
  requests = 0;
  images = 0;
  bytes = 0;
  private inputUsd: number | undefined = 0;
  private readonly open = new Map<number, OpenShard>();
  private readonly done: Shard[] = [];
  private next: number;
  private canaryLeft: number;

  constructor(private readonly options: ShardWriterOptions) {
    this.next = options.firstNumber;
    this.canaryLeft = options.canary ?? 0;
  }

  /** Takes a request with its line feed; a promise only if the caller has to wait. Gives the list that it went into. */
  add(line: string, request: unknown, bytes = Buffer.byteLength(line)): number | Promise<number> {
    const estimate = this.options.price.estimate(request, bytes);
    return estimate instanceof Promise
      ? estimate.then((known) => this.put(line, request, bytes, known))
      : this.put(line, request, bytes, estimate);
  }

  /** Writes what is left. The files are there, and nothing points to them yet. */
  async finish(): Promise<WrittenShards> {
    for (const list of [...this.open.keys()]) await this.close(list);
    const shards = this.done.sort((left, right) => numberOf(left) - numberOf(right));
    const { requests, images, inputUsd } = this;
    return { shards, requests, images, inputUsd };
  }

  async discard(): Promise<void> {
    for (const { output } of this.open.values()) await output.discard();
  }

  private put(
    line: string,
    request: unknown,
    bytes: number,
    estimate: RequestEstimate,
  ): number | Promise<number> {
    const list = this.listOf(this.options.byModel ? estimate.model : '');
    const open = this.open.get(list);
    if (!open) return this.begin(list, estimate).then(() => this.put(line, request, bytes, estimate));
    const { shard } = open;
    if (shard.requests > 0 && this.isFull(shard, bytes, estimate.tokens ?? 0))
      return this.close(list).then(() => this.put(line, request, bytes, estimate));
    this.count(open, request, bytes, estimate);
    open.hash.update(line);
    const full = open.output.write(line);
    return full ? full.then(() => list) : list;
  }

  private count(open: OpenShard, request: unknown, bytes: number, estimate: RequestEstimate): void {
    const { shard } = open;
    const { traits = [], endpoint, model } = this.options.provider.checkRequest(request);
    for (const trait of traits) open.traits.add(trait);
    shard.endpoint ??= endpoint;
    shard.model ??= model;
    shard.requests += 1;
    shard.bytes += bytes;
    shard.tokens = sum(shard.tokens, estimate.tokens);
    shard.mostUsd = sum(shard.mostUsd, estimate.mostUsd);
    shard.mostDirectUsd = sum(shard.mostDirectUsd, estimate.mostDirectUsd);
    this.inputUsd = sum(this.inputUsd, estimate.inputUsd);
    this.requests += 1;
    this.bytes += bytes;
    this.images += estimate.images;
    if (shard.canary) this.canaryLeft -= 1;
  }

  private isFull(shard: Shard, bytes: number, tokens: number): boolean {
    const { limits } = this.options;
    return (
      (shard.canary === true && this.canaryLeft <= 0) ||
      shard.requests + 1 > (limits.requests ?? Infinity) ||
      shard.bytes + bytes > (limits.bytes ?? Infinity) ||
      (shard.tokens ?? 0) + tokens > (limits.tokens ?? Infinity)
    );
  }

  private listOf(model: string): number {
    const known = this.lists.get(model);
    if (known !== undefined) return known;
    const list = this.lists.size + (this.options.firstList ?? 0);
    this.lists.set(model, list);
    return list;
  }

  private async begin(list: number, { tokens, mostUsd, mostDirectUsd }: RequestEstimate): Promise<void> {
    const { folder, round, partOf } = this.options;
    const id = `s${String(this.next).padStart(4, '0')}`;
    this.next += 1;
    const file = `${SHARD_LIST}/${id}.jsonl`;
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    const shard: Shard = { id, round, file, requests: 0, bytes: 0, sha256: '', traits: [], list };
    if (this.canaryLeft > 0) shard.canary = true;
    if (partOf !== undefined) shard.partOf = partOf;
    // From the start unknown stays unknown; otherwise it is counted from zero.
    if (tokens !== undefined) shard.tokens = 0;
    if (mostUsd !== undefined) shard.mostUsd = 0;
    if (mostDirectUsd !== undefined) shard.mostDirectUsd = 0;
    const output = await openOutput(path, { force: true });
    this.open.set(list, { output, hash: createHash('sha256'), shard, traits: new Set() });
  }

  private async close(list: number): Promise<void> {
    const open = this.open.get(list);
    if (!open) return;
    await open.output.commit();
    this.open.delete(list);
    this.done.push({ ...open.shard, sha256: open.hash.digest('hex'), traits: [...open.traits] });
  }
}

/** As text, s10000 would come before s9999. */
function numberOf({ id }: Shard): number {
  return Number(id.slice(1));
}

/** What is unknown in one part is unknown in all. */
function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right;
}
