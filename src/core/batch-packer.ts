/** What one batch holds at most; what is left out is not limited. */
export interface BatchLimits {
  requests?: number;
  bytes?: number;
  tokens?: number;
}

/** Counts the batches that requests take in their order, each filled before the next is begun. */
export class BatchPacker {
  /** Requests that alone are more than a batch holds. */
  tooLarge = 0;
  private readonly open = new Map<string, Required<BatchLimits>>();
  private filled = 0;

  constructor(private readonly limits: BatchLimits) {}

  get batches(): number {
    return this.filled + this.open.size;
  }

  /** `group`: what cannot share a batch with others, such as the requests of one model where a batch has one. */
  add(bytes: number, tokens: number, group = ''): void {
    const request = { requests: 1, bytes, tokens };
    if (this.exceeds(request)) this.tooLarge += 1;
    const batch = this.open.get(group);
    if (batch) {
      const together = {
        requests: batch.requests + 1,
        bytes: batch.bytes + bytes,
        tokens: batch.tokens + tokens,
      };
      if (!this.exceeds(together)) {
        this.open.set(group, together);
        return;
      }
      this.filled += 1;
    }
    this.open.set(group, request);
  }

  private exceeds(sums: Required<BatchLimits>): boolean {
    const { requests = Infinity, bytes = Infinity, tokens = Infinity } = this.limits;
    return sums.requests > requests || sums.bytes > bytes || sums.tokens > tokens;
  }
}
