/** Batch jobs on every provider, for programs. The command line is built on the same class. */
export { BatchProcessor } from './core/batch-processor.js';
export type {
  BatchProcessorOptions,
  CreateBatchOptions,
  MessageRow,
  ResultsOptions,
  SubmitBatchOptions,
} from './core/batch-processor-options.js';
export type { BatchError, BatchResult, BatchSuccess } from './core/result-row.js';
export { ResultSummary, type FailureReason } from './core/result-summary.js';
export { InstructorError, type InstructorErrorKind } from './failure/instructor-error.js';
export type { ResponseModel, ResponseModelInput } from './schema/response-model.js';
export { hasEnded, isProviderError, ProviderError } from '@instructor-cli/provider-kit';
export type {
  Batch,
  BatchStatus,
  Message,
  Outcome,
  ProviderErrorCode,
  RowError,
  Usage,
} from '@instructor-cli/provider-kit';
