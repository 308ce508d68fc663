import type { ParquetScan } from 'hyparquet';

/** Reads the values of one column of a row group one after the other, some pages at a time. */
export class ParquetColumn {
  private window: ArrayLike<unknown> = [];
  private at = 0;
  private next = 0;

  constructor(
    private readonly scan: ParquetScan,
    private readonly column: string,
    private readonly rows: number,
    /** Rows that are unpacked at once. */
    private readonly windowRows: number,
    private readonly convert: (value: unknown) => unknown,
  ) {}

  /** The next values. */
  async take(count: number): Promise<unknown[]> {
    const values: unknown[] = [];
    while (values.length < count) {
      if (this.at === this.window.length) await this.advance();
      const end = Math.min(this.window.length, this.at + count - values.length);
      for (; this.at < end; this.at += 1) values.push(this.convert(this.window[this.at]));
    }
    return values;
  }

  private async advance(): Promise<void> {
    const rowEnd = Math.min(this.rows, this.next + this.windowRows);
    // What was read last is let go first.
    this.window = [];
    this.window = await this.scan.readColumn({ column: this.column, rowStart: this.next, rowEnd });
    if (this.window.length !== rowEnd - this.next) {
      throw new Error(`the column ${this.column} has not as many values as its group has rows`);
    }
    this.at = 0;
    this.next = rowEnd;
  }
}
