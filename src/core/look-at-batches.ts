import { isProviderError, type Batch, type BatchProvider } from '@instructor-cli/provider-kit';

/** What a look at a batch gave. */
export type Look = { batch: Batch } | { error: unknown };

/** With fewer, asking for each is as cheap as a page of the list. */
const LISTED_FROM = 4;
/** How many older batches are passed over for each one that is looked for, before asking for it by its id is cheaper. */
const PASSED_OVER = 10;
/** Calls at the same time. */
const AT_ONCE = 10;

/**
 * Looks at batches of one provider with as few calls as possible: the newest ones are together on a page of the list,
 * and what is not among them is asked for by its id, from then on always.
 */
export class BatchWatcher {
  private readonly unlisted = new Set<string>();

  constructor(
    private readonly provider: BatchProvider,
    private readonly canList: boolean,
  ) {}

  async look(ids: readonly string[], signal?: AbortSignal): Promise<Map<string, Look>> {
    const looks = new Map<string, Look>();
    const listed = ids.filter((id) => !this.unlisted.has(id));
    if (this.canList && listed.length >= LISTED_FROM) await this.lookIntoList(listed, looks, signal);
    const left = ids.filter((id) => !looks.has(id));
    for (let at = 0; at < left.length; at += AT_ONCE) {
      await Promise.all(left.slice(at, at + AT_ONCE).map((id) => this.lookAt(id, looks, signal)));
    }
    return looks;
  }

  private async lookIntoList(
    ids: readonly string[],
    looks: Map<string, Look>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const wanted = new Set(ids);
    let passedOver = 0;
    try {
      for await (const batch of this.provider.list({ signal })) {
        if (wanted.delete(batch.id)) looks.set(batch.id, { batch });
        else passedOver += 1;
        if (wanted.size === 0 || passedOver > ids.length * PASSED_OVER) break;
      }
    } catch (error) {
      if (!isProviderError(error)) throw error;
      // The same would befall each single call.
      for (const id of wanted) looks.set(id, { error });
      return;
    }
    for (const id of wanted) this.unlisted.add(id);
  }

  private async lookAt(id: string, looks: Map<string, Look>, signal: AbortSignal | undefined): Promise<void> {
    try {
      looks.set(id, { batch: await this.provider.retrieve(id, { signal }) });
    } catch (error) {
      looks.set(id, { error });
    }
  }
}
