import type { CheckedRequest, BatchProvider, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { BatchPacker } from './batch-packer.js';
import { Histogram } from './histogram.js';
import { readRequestFile, type RequestFileOptions } from './read-request-file.js';
import { RequestChecker } from './request-checker.js';
import type { ProblemList } from './request-problems.js';
import { RequestTokens, type CountingMethod } from './request-tokens.js';

export interface StatsOptions extends RequestFileOptions {
  provider: BatchProvider;
  declaration: ProviderDeclaration;
  /** Other providers, to recognise a file that was made for one of them. */
  others?: readonly ProviderDeclaration[];
  /** Also counts the batches that hold no more tokens than this. */
  maxTokensPerBatch?: number;
}

/** One of the longest requests. */
export interface LongRequest {
  line: number;
  customId?: string;
  tokens: number;
}

/** What a request file comes to. Tokens are those that go in, unless it says otherwise. */
export interface RequestStats {
  requests: number;
  bytes: number;
  endpoint?: string;
  /** Requests of each model. */
  models: [model: string, requests: number][];
  tokens: {
    total: number;
    /** Requests that are in it: all whose model has a known tokenizer. */
    requests: number;
    mean: number;
    median: number;
    /** What 95 of 100 requests do not exceed. */
    p95: number;
    max: number;
  } & CountingMethod;
  output: {
    /** All limits on answers together. */
    total: number;
    /** Requests without such a limit. */
    unlimited: number;
  };
  /** Images and the like, which are not among the tokens. */
  images: number;
  longest: LongRequest[];
  /** Batches that the requests take. */
  batches: number;
  /** The same with no more tokens in each than was asked for. */
  batchesByTokens?: { batches: number; maxTokens: number; tooLarge: number };
  /** What is wrong with requests that could be counted all the same. */
  problems: ProblemList;
}

const LONGEST = 5;

/** Reads a request file and counts what is in it. */
export async function countRequests(options: StatsOptions): Promise<RequestStats> {
  const { provider, declaration, name = options.path, maxTokensPerBatch } = options;
  if (!declaration.tokenizers || !provider.contentOf) {
    throw new InstructorError('unsupported', `The tokens of ${declaration.name} cannot be counted`, {
      hint: 'Look for a newer version of its plugin: instructor plugins update',
    });
  }
  const checker = new RequestChecker(options);
  const counting = new RequestTokens(declaration);
  const models = new Map<string, number>();
  const perRequest = new Histogram();
  const { requests: maxRequests, bytes: maxBytes, oneModelPerBatch = false } = declaration.limits;
  const limits = { requests: maxRequests, bytes: maxBytes };
  const packer = new BatchPacker(limits);
  const tokenPacker = new BatchPacker({ ...limits, tokens: maxTokensPerBatch });
  const output = { total: 0, unlimited: 0 };
  let [images, total, counted, unreadable] = [0, 0, 0, 0];
  let longest: LongRequest[] = [];

  for await (const block of readRequestFile(options)) {
    for (const { line, bytes, request, unreadable: reason } of block) {
      if (reason !== undefined) {
        checker.unreadable(line, reason);
        unreadable += 1;
        continue;
      }
      checker.addBytes(bytes);
      let checked: CheckedRequest | undefined;
      checker.check(line, request, (facts) => (checked = facts));
      if (!checked) break;
      const { customId, model = '' } = checked as CheckedRequest;
      models.set(model, (models.get(model) ?? 0) + 1);
      // Once for each model, not for each request.
      if (!counting.knows(model)) await counting.prepare(model);
      const content = provider.contentOf(request);
      const tokens = counting.count(model, content);
      images += content.images;
      if (content.maxOutputTokens === undefined) output.unlimited += 1;
      else output.total += content.maxOutputTokens;
      const group = oneModelPerBatch ? model : '';
      packer.add(bytes, 0, group);
      tokenPacker.add(bytes, tokens ?? 0, group);
      if (tokens === undefined) continue;
      counted += 1;
      total += tokens;
      perRequest.add(tokens);
      longest = withLongest(longest, { line, customId, tokens });
    }
    if (checker.foreign) break;
  }
  const { requests, bytes, endpoint } = checker.facts();
  const failure = checker.problems.toError(name, 'nothing was counted');
  if (failure && (unreadable > 0 || checker.foreign || requests === 0)) throw failure;
  return {
    requests,
    bytes,
    endpoint,
    models: [...models],
    tokens: {
      total,
      requests: counted,
      mean: counted === 0 ? 0 : total / counted,
      median: perRequest.percentile(0.5),
      p95: perRequest.percentile(0.95),
      max: longest[0]?.tokens ?? 0,
      ...counting.method(),
    },
    output,
    images,
    longest,
    batches: packer.batches,
    batchesByTokens:
      maxTokensPerBatch === undefined
        ? undefined
        : {
            batches: tokenPacker.batches,
            maxTokens: maxTokensPerBatch,
            tooLarge: tokenPacker.tooLarge - packer.tooLarge,
          },
    problems: checker.problems,
  };
}

/** The longest first; of equally long ones the earlier. */
function withLongest(longest: LongRequest[], request: LongRequest): LongRequest[] {
  const last = longest.at(-1);
  if (longest.length === LONGEST && last && last.tokens >= request.tokens) return longest;
  return [...longest, request].sort((a, b) => b.tokens - a.tokens || a.line - b.line).slice(0, LONGEST);
}
