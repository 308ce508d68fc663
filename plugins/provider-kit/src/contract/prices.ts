/** What a provider asks for tokens, in US dollars per million. */
export interface ModelPrice {
  /** A regular expression over the model's name. */
  match: string;
  /** The ordinary price. */
  input: number;
  /** Input that was read from a cache. Absent: like other input. */
  cachedInput?: number;
  output: number;
  /** The price in a batch, where it is not the ordinary one less the discount. */
  batch?: { input?: number; cachedInput?: number; output?: number };
  /** Another price for requests with more input than this, in tokens. */
  above?: { inputTokens: number; input: number; cachedInput?: number; output: number };
}

/** The prices of a provider. They change: the date says how old they are. */
export interface PriceList {
  /** `YYYY-MM-DD`. */
  date: string;
  /** Where they are from. */
  source: string;
  /** What a batch costs of the ordinary price, such as 0.5. */
  batchFactor: number;
  /** Whether cached input in a batch gets both discounts. Otherwise it costs what it costs outside of one. */
  batchFactorOnCached: boolean;
  /** The first whose pattern matches counts. */
  models: ModelPrice[];
}
