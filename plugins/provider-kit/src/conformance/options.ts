/** Where the calls of a provider go while it is checked. Nothing is spent there: a sandbox, or a test account. */
export interface LiveService {
  /** What the provider's `baseUrlEnv` is set to. */
  baseUrl: string;
  /** A key that is accepted there; the first of the provider's `credentials` is set to it. */
  key: string;
  /** Further variables that the provider reads. */
  env?: Record<string, string>;
  /** The model to ask; else the provider's default. */
  model?: string;
  /** How long a batch may take. Milliseconds; a minute by default. */
  timeoutMs?: number;
}

export interface ConformanceOptions {
  /** The plugin's folder: where its package.json lies. */
  root: string | URL;
  /** The service for the checks that make calls; without it they are left out. A function is called once, by the first of them. */
  live?: LiveService | (() => LiveService | Promise<LiveService>);
  /** Recorded result lines, parsed, for the checks that make no calls. */
  resultLines?: unknown[];
  /** A model to build requests for, where the declaration has no default. */
  model?: string;
}
