import type { ModelRule } from '@instructor-cli/provider-kit';

export interface AnthropicModelRule extends ModelRule {
  label?: string;
  /** How these models are made to answer in a shape: natively, or by a tool that they have to call. */
  structuredOutput?: 'format' | 'tool';
  /** Parameters that take only this one value. */
  fixed?: Record<string, unknown>;
  /** Parameters that are refused. */
  rejects?: string[];
}

/**
 * Models with rules of their own. The first match wins; a user can put own rules in front of these
 * (INSTRUCTOR_MODELS_FILE).
 */
export const MODEL_RULES: AnthropicModelRule[] = [
  { match: '^claude-(instant|[23](-|\\.|$))', label: 'an older model', structuredOutput: 'tool' },
  { match: '^claude-(opus|sonnet)-4(-0|-20\\d{6}|$)', label: 'an older model', structuredOutput: 'tool' },
  {
    // Models released after Claude Opus 4.6 take no sampling parameters (typings of @anthropic-ai/sdk 0.137.0).
    match: '^claude-(opus-4-[7-9]|mythos|fable|(opus|sonnet|haiku)-([5-9]|\\d\\d))',
    label: 'a model without sampling parameters',
    fixed: { temperature: 1 },
    rejects: ['top_p', 'top_k'],
  },
];
