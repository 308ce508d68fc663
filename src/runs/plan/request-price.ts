import type { BatchProvider, PriceList, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { costOf, priceOf } from '../../core/cost.js';
import { RequestTokens } from '../../core/request-tokens.js';

/** What one request comes to before it is sent. What nobody knows is absent. */
export interface RequestEstimate {
  model: string;
  tokens?: number;
  images: number;
  /** In a batch: the input alone, and with the longest answer. US dollars. */
  inputUsd?: number;
  mostUsd?: number;
  /** The latter outside of a batch. */
  mostDirectUsd?: number;
}

export interface RequestPriceOptions {
  provider: BatchProvider;
  declaration: ProviderDeclaration;
  prices?: PriceList;
  /** Count every request. Otherwise, of very many, some are counted and the rest follows from their size. */
  exact: boolean;
}

/** So many are counted in any case, and then one in so many. */
const COUNTED_FIRST = 2000;
const COUNTED_EVERY = 20;

/** Estimates requests one after the other. */
export class RequestPrice {
  /** Requests whose tokens were counted, and those whose tokens follow from their size. */
  counted = 0;
  guessed = 0;
  private countedBytes = 0;
  private countedTokens = 0;
  private readonly counting: RequestTokens;

  constructor(private readonly options: RequestPriceOptions) {
    this.counting = new RequestTokens(options.declaration);
  }

  /** A promise only for the first request of a model. */
  estimate(request: unknown, bytes: number): RequestEstimate | Promise<RequestEstimate> {
    const { provider } = this.options;
    const { model = '' } = provider.checkRequest(request);
    if (!provider.contentOf) return { model, images: 0 };
    if (this.counting.knows(model)) return this.known(model, request, bytes);
    return this.counting.prepare(model).then(() => this.known(model, request, bytes));
  }

  method(): ReturnType<RequestTokens['method']> {
    return this.counting.method();
  }

  private known(model: string, request: unknown, bytes: number): RequestEstimate {
    const { provider, prices } = this.options;
    const content = provider.contentOf?.(request);
    if (!content) return { model, images: 0 };
    const { images, maxOutputTokens } = content;
    const tokens = this.tokensOf(model, content, bytes);
    const price = prices && priceOf(prices, model);
    // Nobody counts the tokens of an image, so what such a request costs is unknown.
    if (!prices || !price || tokens === undefined || images > 0) return { model, tokens, images };
    const inputUsd = costOf(prices, model, { inputTokens: tokens, outputTokens: 0 }, { batch: true });
    const outputTokens = price.output === 0 ? 0 : maxOutputTokens;
    if (outputTokens === undefined) return { model, tokens, images, inputUsd };
    const usage = { inputTokens: tokens, outputTokens };
    const mostUsd = costOf(prices, model, usage, { batch: true });
    return {
      model,
      tokens,
      images,
      inputUsd,
      mostUsd,
      mostDirectUsd: costOf(prices, model, usage, { batch: false }),
    };
  }

  private tokensOf(
    model: string,
    content: Parameters<RequestTokens['count']>[1],
    bytes: number,
  ): number | undefined {
    const seen = this.counted + this.guessed;
    if (!this.options.exact && seen >= COUNTED_FIRST && seen % COUNTED_EVERY !== 0 && this.countedBytes > 0) {
      this.guessed += 1;
      return Math.ceil((bytes * this.countedTokens) / this.countedBytes);
    }
    const tokens = this.counting.count(model, content);
    if (tokens === undefined) return undefined;
    this.counted += 1;
    this.countedBytes += bytes;
    this.countedTokens += tokens;
    return tokens;
  }
}
