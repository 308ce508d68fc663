import type { ProviderDeclaration, RequestContent, Tokenizer } from '@instructor-cli/provider-kit';
import { chooseTokenizer } from './choose-tokenizer.js';
import { createTokenCounter, type TokenCounter } from './count-tokens.js';

/** How tokens were counted, and how right that is. */
export interface CountingMethod {
  encodings: string[];
  /** How wrong the total may be; absent if the tokenizers are the models' own. */
  errorPercent?: number;
  /** Models whose tokenizer is not public, so that another one stands in. */
  estimated: string[];
  /** Models that nobody knows how to count. */
  uncounted: string[];
}

interface ModelCounter {
  tokenizer: Tokenizer;
  count: TokenCounter;
}

/** Counts requests, each with the tokenizer of its model. */
export class RequestTokens {
  private readonly models = new Map<string, ModelCounter | undefined>();
  /** The texts of the request before, which often has the same instructions and the same schema. */
  private texts: readonly string[] = [];
  private counts: number[] = [];
  private counter: ModelCounter | undefined;

  constructor(private readonly declaration: ProviderDeclaration) {}

  /** Whether a model can be counted, or cannot be at all: otherwise `prepare` comes first. */
  knows(model: string): boolean {
    return this.models.has(model);
  }

  async prepare(model: string): Promise<void> {
    const tokenizer = chooseTokenizer(this.declaration, model);
    this.models.set(model, tokenizer && { tokenizer, count: await createTokenCounter(tokenizer) });
  }

  /** Tokens of one request; nothing if nobody knows how its model counts. */
  count(model: string, { texts, overheadTokens }: RequestContent): number | undefined {
    const counter = this.models.get(model);
    if (!counter) return undefined;
    const before = counter === this.counter ? this.texts : [];
    const counts = texts.map((text, index) =>
      text === before[index] ? (this.counts[index] as number) : counter.count(text),
    );
    this.texts = texts;
    this.counts = counts;
    this.counter = counter;
    return Math.round(counts.reduce((sum, tokens) => sum + tokens, overheadTokens));
  }

  /** Of all models that were asked for. */
  method(): CountingMethod {
    const method: CountingMethod = { encodings: [], estimated: [], uncounted: [] };
    for (const [model, counter] of this.models) {
      if (!counter) {
        method.uncounted.push(model);
        continue;
      }
      const { encoding, errorPercent } = counter.tokenizer;
      if (!method.encodings.includes(encoding)) method.encodings.push(encoding);
      if (errorPercent === undefined) continue;
      method.estimated.push(model);
      method.errorPercent = Math.max(method.errorPercent ?? 0, errorPercent);
    }
    return method;
  }
}
