export { loadResponseModel } from './load-response-model.js';
export { parseAnswer, type ParsedAnswer } from './parse-answer.js';
export { isResponseModelError, ResponseModelError } from './response-model-error.js';
export {
  toResponseModel,
  type ResponseModel,
  type ResponseModelInput,
  type ValidationIssue,
  type ValidationResult,
} from './response-model.js';
export type { StandardSchemaV1 } from './standard-schema.js';
