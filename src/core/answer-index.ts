import { IdTable } from '../rows/id-table.js';
import { NumberList } from '../rows/number-list.js';

const NONE = -1;

/**
 * Which records of a spool belong to which id. Ids are numbered in the order in which they first come. As long as all
 * is of one batch, the first record of an id is the only one, and nothing but the ids is kept.
 */
export class AnswerIndex {
  readonly ids: IdTable;
  /** Of several batches: the newest record of each id, and of each record the one before and its batch. */
  private readonly newest = new NumberList();
  private readonly before = new NumberList();
  private readonly batchOf = new NumberList();
  private readonly several: boolean;
  private records = 0;

  constructor(batches: number, expected?: number) {
    this.ids = new IdTable(expected);
    this.several = batches > 1;
  }

  /** Takes the id of the next record; false if its batch had one for it already, and it is not to be kept. */
  add(id: string, batch: number): boolean {
    const found = this.ids.add(id);
    if (!this.several) return found >= 0;
    const number = found >= 0 ? found : -1 - found;
    const previous = found >= 0 ? NONE : this.newest.get(number);
    if (previous !== NONE && this.batchOf.get(previous) === batch) return false;
    if (found >= 0) this.newest.push(this.records);
    else this.newest.set(number, this.records);
    this.before.push(previous);
    this.batchOf.push(batch);
    this.records += 1;
    return true;
  }

  /** The records of an id and their batches, newest first. */
  recordsOf(number: number): { record: number; batch: number }[] {
    if (!this.several) return [{ record: number, batch: 0 }];
    const found = [];
    for (let record = this.newest.get(number); record !== NONE; record = this.before.get(record)) {
      found.push({ record, batch: this.batchOf.get(record) });
    }
    return found;
  }
}
