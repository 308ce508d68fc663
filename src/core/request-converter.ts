import {
  isRequestSettingsError,
  type BatchProvider,
  type PortableRequest,
  type ProviderDeclaration,
} from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import type { RequestLine } from './read-request-file.js';
import { foreignProblem, RequestChecker, type RequestFacts } from './request-checker.js';
import type { LineProblem, ProblemListOptions } from './request-problems.js';
import { Tally } from './tally.js';
import { targetBuilders, type ConversionTarget, type TargetBuilder } from './target-builder.js';

export interface ConverterOptions extends ProblemListOptions {
  /** Whose requests these are. */
  provider: BatchProvider;
  declaration: ProviderDeclaration;
  /** Other providers, to recognise a file that was made for one of them. */
  others?: readonly ProviderDeclaration[];
  target: ConversionTarget;
}

export interface Conversion extends RequestFacts {
  /** What was in the requests and has no counterpart, with the number of requests that had it. */
  leftOut: [name: string, requests: number][];
  /** What else the user should know, with the number of requests that it is about. */
  notes: [note: string, requests: number][];
  /** The models that the requests asked before. */
  sourceModels: string[];
  /** What is more than one batch takes. */
  tooMuch: LineProblem[];
}

/** Converts requests one after the other, and checks what comes of them. */
export class RequestConverter {
  /** Checks the new requests, and has the problems of the old ones too. */
  readonly checker: RequestChecker;
  private readonly builderFor: ReturnType<typeof targetBuilders>;
  private readonly leftOut = new Tally();
  private readonly notes = new Tally();
  private readonly models = new Tally();
  private parsed = 0;

  constructor(
    private readonly options: ConverterOptions,
    private readonly readRequest: (request: unknown) => PortableRequest,
  ) {
    this.checker = new RequestChecker({ ...options.target, onProblem: options.onProblem });
    this.builderFor = targetBuilders(options.target);
  }

  /** The new line; nothing if there is a problem. */
  convert({ line, request, unreadable }: RequestLine): string | undefined {
    if (unreadable !== undefined) {
      this.checker.unreadable(line, unreadable);
      return undefined;
    }
    if (!this.isSound(line, request)) return undefined;
    const portable = this.readRequest(request);
    const { customId, messages, input } = portable;
    const made = this.prepare(portable);
    if ('code' in made) {
      this.checker.problems.add({ line, customId, ...made });
      return undefined;
    }
    if (portable.model !== undefined) this.models.add(portable.model);
    for (const part of new Set([...portable.rest, ...made.leftOut])) this.leftOut.add(part);
    for (const text of made.notes) this.notes.add(text);
    const converted = made.builder.build({ customId, messages, input });
    if (portable.maxTokens === undefined) this.noteLimit(converted);
    this.checker.check(line, converted);
    return `${JSON.stringify(converted)}\n`;
  }

  /** What came of it, unless there were problems. */
  conversion(): Conversion {
    return {
      ...this.checker.facts(),
      leftOut: this.leftOut.entries(),
      notes: this.notes.entries(),
      sourceModels: this.models.entries().map(([model]) => model),
      tooMuch: this.checker.beyondLimits(),
    };
  }

  /** What is wrong already may mean anything, so it is not converted. */
  private isSound(line: number, request: unknown): boolean {
    const { provider, declaration, others = [] } = this.options;
    this.parsed += 1;
    const foreign = this.parsed === 1 ? foreignProblem(request, declaration, others) : undefined;
    if (foreign) this.checker.foreign = true;
    const { customId, problems } = provider.checkRequest(request);
    for (const problem of foreign ? [foreign] : problems) {
      this.checker.problems.add({ line, customId, ...problem });
    }
    return !foreign && problems.length === 0;
  }

  /** The builder for a request, or why there is none. */
  private prepare(portable: PortableRequest): TargetBuilder | LineProblem {
    const { endpoints = [], name } = this.options.target.declaration;
    const { endpoint, messages } = portable;
    const same = endpoint !== undefined && endpoints.includes(endpoint);
    if (!same && messages === undefined) {
      const what = endpoint ?? 'a request without messages';
      return { code: 'no_counterpart', message: `${what} has no counterpart at ${name}` };
    }
    try {
      return this.builderFor(portable, same ? endpoint : endpoints[0]);
    } catch (error) {
      if (isRequestSettingsError(error))
        return { code: 'no_counterpart', message: error.message, fix: error.fix };
      // A schema that the provider cannot be made to accept.
      if (error instanceof InstructorError)
        return { code: 'no_counterpart', message: error.message, fix: error.hint };
      throw error;
    }
  }

  /** A limit that the request did not have, and that its new provider asks for. */
  private noteLimit(converted: unknown): void {
    const { provider, declaration } = this.options.target;
    const limit = provider.readRequest?.(converted).maxTokens;
    if (limit === undefined) return;
    this.notes.add(`${declaration.name} wants a limit on each answer, which is set to ${limit} tokens`);
  }
}
