export * from './contract/declaration.js';
export * from './contract/batch.js';
export * from './contract/outcome.js';
export * from './contract/requests.js';
export * from './contract/provider.js';
export * from './contract/errors.js';
export type { JsonSchema } from './json-schema/index.js';
export * from './contract/model-rules.js';
export * from './contract/prices.js';
