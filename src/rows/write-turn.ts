/** One write at a time, while the next one is being prepared. */
export class WriteTurn {
  private writing: Promise<void> = Promise.resolve();
  private failure: { error: unknown } | undefined;

  /** Waits for the write that is on its way, and throws if one has failed. */
  async ready(): Promise<void> {
    await this.writing;
    if (this.failure) throw this.failure.error;
  }

  /** Lets a write run. Its failure is kept for `ready`: nobody waits yet who could be told. */
  start(write: Promise<void>): void {
    this.writing = write.catch((error: unknown) => {
      this.failure = { error };
    });
  }

  /** Waits for the write that is on its way, whatever becomes of it. */
  async settle(): Promise<void> {
    await this.writing;
  }
}
