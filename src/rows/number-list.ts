const FIRST_CAPACITY = 1024;

/** A list of numbers of 32 bits, for millions of them. */
export class NumberList {
  private numbers = new Int32Array(FIRST_CAPACITY);
  length = 0;

  push(value: number): void {
    if (this.length === this.numbers.length) {
      const larger = new Int32Array(this.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.length] = value;
    this.length += 1;
  }

  get(index: number): number {
    return this.numbers[index] as number;
  }

  set(index: number, value: number): void {
    this.numbers[index] = value;
  }
}
