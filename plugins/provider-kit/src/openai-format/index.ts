export { createOpenAIRequestBuilder } from './build-request.js';
export { checkOpenAIRequest, type OpenAIRequestRules } from './check-request.js';
export { contentOfOpenAIRequest } from './content-of.js';
export { followUpOpenAIRequest } from './follow-up.js';
export { withGoneFile } from './gone-file.js';
export type { OpenAIModelRule } from './model-rules.js';
export { readOpenAIBatch } from './read-batch.js';
export { readOpenAIRequest } from './read-request.js';
export { readOpenAIResult } from './read-result.js';
