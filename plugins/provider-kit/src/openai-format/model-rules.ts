import type { ModelRule } from '../contract/provider.js';

/** What is particular about some models of this family. All of it is data, so that a user can correct it. */
export interface OpenAIModelRule extends ModelRule {
  /** What to call these models in a message. */
  label?: string;
  /** Parameters that go by another name on chat completions. */
  rename?: Record<string, string>;
  /** Parameters that take only this one value. */
  fixed?: Record<string, unknown>;
  /** Parameters that are refused. */
  rejects?: string[];
  /** Output limits count hidden reasoning too. */
  reasons?: boolean;
}
