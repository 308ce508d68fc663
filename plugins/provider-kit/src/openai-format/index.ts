export { createOpenAIRequestBuilder } from './build-request.js';
export { checkOpenAIRequest, type OpenAIRequestRules } from './check-request.js';
export type { OpenAIModelRule } from './model-rules.js';
export { readOpenAIBatch } from './read-batch.js';
export { readOpenAIResult } from './read-result.js';
