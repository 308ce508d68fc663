export { conformanceChecks, type ConformanceCheck } from './conformance-checks.js';
export type { ConformanceOptions, LiveService } from './options.js';
export { pluginDeclarationSchema, providerDeclarationSchema } from './declaration-schema.js';
