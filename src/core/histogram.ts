/** Numbers below this are counted one by one, larger ones with this many steps to each power of two. */
const STEPS = 1024;
const STEP_BITS = 10;

/** How often each number came, in little memory: of large numbers the last digits are lost, less than a thousandth. */
export class Histogram {
  private readonly counts: number[] = [];
  private total = 0;

  /** Takes a whole number of 0 or more. */
  add(value: number): void {
    const bucket = bucketOf(value);
    while (this.counts.length <= bucket) this.counts.push(0);
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.total += 1;
  }

  /** The number that this share of all does not exceed, such as 0.5 for the median; 0 if there are none. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total));
    let seen = 0;
    for (const [bucket, count] of this.counts.entries()) {
      seen += count;
      if (seen >= rank) return lowest(bucket);
    }
    return 0;
  }
}

function bucketOf(value: number): number {
  const shift = Math.max(0, Math.floor(Math.log2(value || 1)) - STEP_BITS);
  return shift * STEPS + Math.floor(value / 2 ** shift);
}

/** The smallest number of a bucket. */
function lowest(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / STEPS) - 1);
  return (bucket - shift * STEPS) * 2 ** shift;
}
