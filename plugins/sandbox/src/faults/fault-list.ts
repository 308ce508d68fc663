import type { SandboxProtocol } from '../options.js';
import { hashText } from '../random.js';
import type { Change, Store } from '../service/store.js';
import { definitionOf, type Fault, type FaultName, type Operation } from './fault.js';

/** A fault with what has come of it so far. */
export interface ActiveFault {
  fault: Fault;
  /** How many calls, batches or rows it could have happened to. */
  seen: number;
  /** How many it happened to. */
  hits: number;
}

/** What a fault may happen to. */
export interface Occasion {
  protocol: SandboxProtocol;
  operation?: Operation;
  path?: string;
}

/** The faults that the sandbox has now. Which of many occasions they strike follows from the seed alone. */
export class FaultList {
  #active: ActiveFault[] = [];
  #rows: ActiveFault[] = [];

  constructor(
    private readonly store: Store,
    private readonly seed: string,
    /** Undefined: those that an earlier run had. */
    initial: readonly Fault[] | undefined,
  ) {
    const kept = store.get<ActiveFault[]>('faults', 'list') ?? [];
    const sameAs = (fault: Fault): ActiveFault | undefined =>
      kept.find((one) => JSON.stringify(one.fault) === JSON.stringify(fault));
    // A fault that is there again counts on: one that strikes three times does not strike six times.
    this.#use(initial === undefined ? kept : initial.map((fault) => sameAs(fault) ?? unused(fault)));
  }

  get all(): readonly ActiveFault[] {
    return this.#active;
  }

  /** Faults in place of those that there are. */
  set(faults: readonly Fault[]): void {
    this.#use(faults.map(unused));
  }

  add(faults: readonly Fault[]): void {
    this.#use([...this.#active, ...faults.map(unused)]);
  }

  /** The faults of these names that strike now, one after the other: those not asked for any more are not drawn. */
  *strike(
    names: readonly FaultName[],
    occasion: Occasion,
    applies: (fault: Fault) => boolean = () => true,
  ): Generator<Fault> {
    for (const active of [...this.#active]) {
      const { fault, seen } = active;
      if (!names.includes(fault.fault) || !matches(fault, occasion) || !applies(fault)) continue;
      const struck = draw(active, () => `${fault.fault}:${seen}`, this.seed);
      this.store.write(...this.changes());
      if (struck) yield fault;
    }
  }

  /** The first fault that strikes a row. The same rows are struck each time, of those that come after a complaint others. */
  strikeRow(protocol: SandboxProtocol, row: { customId: string; turns: number }): Fault | undefined {
    for (const active of this.#rows) {
      const { fault } = active;
      if (fault.protocol !== undefined && fault.protocol !== protocol) continue;
      if (draw(active, () => `${fault.fault}:${row.turns}:${row.customId}`, this.seed)) return fault;
    }
    return undefined;
  }

  /** What to write after rows were struck. */
  changes(): Change[] {
    return [{ kind: 'faults', id: 'list', value: this.#active }];
  }

  #use(active: ActiveFault[]): void {
    this.#active = active;
    this.#rows = active.filter(({ fault }) => definitionOf(fault.fault).per === 'row');
    this.store.write(...this.changes());
  }
}

function unused(fault: Fault): ActiveFault {
  return { fault, seen: 0, hits: 0 };
}

function draw(active: ActiveFault, lot: () => string, seed: string): boolean {
  const { rate = 1, count = Infinity, after = 0 } = active.fault;
  active.seen++;
  if (active.seen <= after || active.hits >= count) return false;
  if (rate < 1 && hashText(`${seed}:fault:${lot()}`) / 2 ** 32 >= rate) return false;
  active.hits++;
  return true;
}

function matches(fault: Fault, { protocol, operation, path }: Occasion): boolean {
  const definition = definitionOf(fault.fault);
  const wantedProtocol = fault.protocol ?? definition.protocol;
  if (wantedProtocol !== undefined && wantedProtocol !== protocol) return false;
  if (definition.per !== 'call') return true;
  const operations = fault.operation === undefined ? definition.operations : [fault.operation].flat();
  if (operations && (operation === undefined || !operations.includes(operation))) return false;
  return fault.path === undefined || (path !== undefined && isLike(path, fault.path));
}

/** Whether a path fits a pattern in which `*` stands for anything. */
function isLike(path: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(path);
}
