import type { OpenAIModelRule } from '@instructor-cli/provider-kit/openai-format';

/**
 * Models with rules of their own. The first match wins; a user can put own rules in front of these
 * (INSTRUCTOR_MODELS_FILE). A prefix `ft:` marks a fine-tuned model.
 */
export const MODEL_RULES: OpenAIModelRule[] = [
  { match: '^(ft:)?gpt-[56](\\.\\d+)?-chat', label: 'a chat model' },
  {
    match: '^(ft:)?(o[1-9]|gpt-[56])',
    label: 'a reasoning model',
    reasons: true,
    rename: { max_tokens: 'max_completion_tokens' },
    fixed: { temperature: 1, top_p: 1, presence_penalty: 0, frequency_penalty: 0 },
    rejects: ['logit_bias'],
  },
];
