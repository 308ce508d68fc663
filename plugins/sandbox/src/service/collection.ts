/** Things with an id, in the order in which they came. */
export class Collection<T> {
  readonly #items = new Map<string, T>();

  add(id: string, item: T): void {
    this.#items.set(id, item);
  }

  get(id: string): T | undefined {
    return this.#items.get(id);
  }

  delete(id: string): boolean {
    return this.#items.delete(id);
  }

  /** Both services list what is newest first. */
  newestFirst(): [id: string, item: T][] {
    return [...this.#items].reverse();
  }
}
