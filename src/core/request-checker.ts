import type { BatchProvider, CheckedRequest, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { IdTable } from '../rows/id-table.js';
import { hasRequestKeys } from './request-keys.js';
import { ProblemList, type LineProblem, type ProblemListOptions } from './request-problems.js';
import { SafeIds } from './safe-ids.js';

/** What is known of a request file once all its lines have been seen. */
export interface RequestFacts {
  requests: number;
  /** As they are sent: one line feed behind each request. */
  bytes: number;
  models: string[];
  endpoint?: string;
  traits: string[];
}

export interface CheckerOptions extends ProblemListOptions {
  provider: BatchProvider;
  declaration: ProviderDeclaration;
  /** The endpoint that the user asked for; without, the first request decides. */
  endpoint?: string;
  /** Other providers, to recognise a file that was made for one of them. */
  others?: readonly ProviderDeclaration[];
  /** Bad requests are neither counted nor kept among the problems: the caller leaves them out. */
  skipBad?: boolean;
}

/** Checks requests one after the other: what each provider knows about a single one, and what has to hold over all. */
export class RequestChecker {
  readonly problems: ProblemList;
  /** Set when the file was evidently made for another provider; looking further would only repeat it. */
  foreign = false;
  private readonly ids = new IdTable();
  private readonly models = new Set<string>();
  private readonly traits = new Set<string>();
  private readonly pattern: RegExp | undefined;
  /** For messages: the user knows the ids that stand behind. */
  private readonly safeIds: SafeIds;
  private endpoint: string | undefined;
  private requests = 0;
  /** Those of them that are JSON. */
  private parsed = 0;
  private bytes = 0;

  constructor(private readonly options: CheckerOptions) {
    const { customId } = options.declaration.limits;
    this.safeIds = new SafeIds(customId);
    this.pattern = customId === undefined ? undefined : new RegExp(customId);
    this.endpoint = options.endpoint;
    this.problems = new ProblemList(options);
  }

  /** Counts what the requests take as they are sent, line feeds included. */
  addBytes(bytes: number): void {
    this.bytes += bytes;
  }

  /** Takes the next request, and gives what is wrong with it. `onChecked` gets what the provider knows of it. */
  check(
    line: number,
    request: unknown,
    onChecked?: (checked: CheckedRequest) => void,
  ): readonly LineProblem[] {
    this.parsed += 1;
    if (this.parsed === 1 && this.isForeign(line, request)) return this.problems.shown;
    const { skipBad } = this.options;
    const checked = this.options.provider.checkRequest(request);
    onChecked?.(checked);
    const { customId, model, endpoint, traits, problems } = checked;
    const found: LineProblem[] = [];
    for (const problem of problems)
      found.push({ line, customId: customId && this.safeIds.toOriginal(customId), ...problem });
    if (customId !== undefined) this.checkPattern(found, line, customId);
    if (model !== undefined) this.checkModel(found, line, customId, model);
    if (endpoint !== undefined) this.checkEndpoint(found, line, customId, endpoint);
    // Last, since the id of a request that is left out may be used by another.
    if (customId !== undefined && !(skipBad && found.length > 0)) this.takeId(found, line, customId);
    if (skipBad && found.length > 0) return found;
    this.requests += 1;
    if (model !== undefined) this.models.add(model);
    this.endpoint ??= endpoint;
    if (traits) for (const trait of traits) this.traits.add(trait);
    for (const problem of found) this.problems.add(problem);
    return found;
  }

  /** Counts a request that is not to be checked, but noted for what the provider has to know of it. */
  note(request: unknown): void {
    this.requests += 1;
    const { model, endpoint, traits } = this.options.provider.checkRequest(request);
    if (model !== undefined) this.models.add(model);
    for (const trait of traits ?? []) this.traits.add(trait);
    this.endpoint ??= endpoint;
  }

  /** Counts a line that could not be read as JSON. */
  unreadable(line: number, reason: string): void {
    this.requests += 1;
    this.problems.add({ line, code: 'invalid_json', message: `not valid JSON: ${reason}` });
  }

  /** Checks what only the end can tell. */
  finish(): RequestFacts {
    for (const problem of this.beyondLimits()) this.problems.add(problem);
    return this.facts();
  }

  /** What is too much for one batch. As several it is fine. */
  beyondLimits(): LineProblem[] {
    const { name, limits } = this.options.declaration;
    const problems: LineProblem[] = [];
    if (limits.requests !== undefined && this.requests > limits.requests) {
      problems.push({
        code: 'too_many_requests',
        message: `${count(this.requests)} requests are more than the ${count(limits.requests)} that ${name} takes in one batch`,
        fix: 'split the file',
      });
    }
    if (limits.bytes !== undefined && this.bytes > limits.bytes) {
      problems.push({
        code: 'too_large',
        message: `${count(this.bytes)} bytes are more than the ${count(limits.bytes)} that ${name} takes in one batch`,
        fix: 'split the file',
      });
    }
    return problems;
  }

  /** All that is known, once the last request has been seen. */
  facts(): RequestFacts {
    if (this.requests === 0 && this.problems.total === 0)
      this.problems.add({ code: 'empty_file', message: 'there is no request in it' });
    return {
      requests: this.requests,
      bytes: this.bytes,
      models: [...this.models],
      endpoint: this.endpoint,
      traits: [...this.traits],
    };
  }

  private isForeign(line: number, request: unknown): boolean {
    const { declaration, others = [] } = this.options;
    const problem = foreignProblem(request, declaration, others);
    if (!problem) return false;
    this.foreign = true;
    this.requests += 1;
    this.problems.add({ line, ...problem });
    return true;
  }

  private checkPattern(found: LineProblem[], line: number, customId: string): void {
    if (!this.pattern || this.pattern.test(customId)) return;
    found.push({
      line,
      customId: shorten(this.safeIds.toOriginal(customId)),
      code: 'invalid_custom_id',
      message: `${this.options.declaration.name} accepts custom ids that match ${this.pattern.source}`,
    });
  }

  private takeId(found: LineProblem[], line: number, customId: string): void {
    const first = -1 - this.ids.add(customId, line);
    if (first < 0) return;
    found.push({
      line,
      customId: shorten(this.safeIds.toOriginal(customId)),
      code: 'duplicate_custom_id',
      message: `the custom id was used in ${this.problems.places} ${first} already`,
    });
  }

  private checkModel(found: LineProblem[], line: number, customId: string | undefined, model: string): void {
    const { declaration } = this.options;
    const [first] = this.models;
    if (!declaration.limits.oneModelPerBatch || first === undefined || first === model) return;
    found.push({
      line,
      customId,
      code: 'model_mismatch',
      message: `model ${model} differs from ${first}, and a batch of ${declaration.name} has one model`,
      fix: 'make a file for each model',
    });
  }

  private checkEndpoint(
    found: LineProblem[],
    line: number,
    customId: string | undefined,
    endpoint: string,
  ): void {
    if (this.endpoint === undefined || this.endpoint === endpoint) return;
    found.push({
      line,
      customId,
      code: 'endpoint_mismatch',
      message: `${endpoint} differs from ${this.endpoint}, and a batch has one endpoint`,
    });
  }
}

/** Says so if a request has the shape of another provider's, and not that of the one it is meant for. */
export function foreignProblem(
  request: unknown,
  declaration: ProviderDeclaration,
  others: readonly ProviderDeclaration[],
): LineProblem | undefined {
  if (!declaration.requestKeys || hasRequestKeys(request, declaration)) return undefined;
  const owner = others.find((other) => other.id !== declaration.id && hasRequestKeys(request, other));
  if (!owner) return undefined;
  return {
    code: 'wrong_provider',
    message: `This looks like ${article(owner.name)} ${owner.name} request file, but it is meant for ${declaration.name}`,
    fix: `use --model ${owner.id}/MODEL, or create the file for ${declaration.name}`,
  };
}

function article(name: string): string {
  return /^[aeiou]/i.test(name) ? 'an' : 'a';
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function shorten(id: string): string {
  return id.length > 80 ? `${id.slice(0, 77)}...` : id;
}
