/** Makes a cell of a file without types comparable: with numbers as a number, with texts as a text. */
export async function comparableCell(): Promise<(text: string) => unknown> {
  const { Drop } = await import('liquidjs');

  class Cell extends Drop {
    constructor(private readonly text: string) {
      super();
    }

    override valueOf(): string {
      return this.text;
    }

    equals(other: unknown): boolean {
      return this.as(other) === plain(other);
    }

    gt(other: unknown): boolean {
      return this.as(other) > (plain(other) as string);
    }

    geq(other: unknown): boolean {
      return this.as(other) >= (plain(other) as string);
    }

    lt(other: unknown): boolean {
      return this.as(other) < (plain(other) as string);
    }

    leq(other: unknown): boolean {
      return this.as(other) <= (plain(other) as string);
    }

    /** An empty cell is no zero. */
    private as(other: unknown): string | number {
      if (typeof other !== 'number') return this.text;
      return this.text.trim() === '' ? Number.NaN : Number(this.text);
    }
  }

  return (text) => new Cell(text);
}

function plain(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? value.valueOf() : value;
}
