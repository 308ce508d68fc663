export { startSandbox, type Sandbox } from './start-sandbox.js';
export {
  DEFAULT_TIMING,
  ROW_FATES,
  type RowFate,
  type SandboxOptions,
  type SandboxProtocol,
  type SandboxRow,
  type Timing,
} from './options.js';
export { failShare, rowFates, type FateShares } from './fates.js';
export { FAULTS, OPERATIONS, type Fault, type FaultName, type Operation } from './faults/fault.js';
export type { ActiveFault } from './faults/fault-list.js';
export { parseFaultFlag } from './faults/fault-flag.js';
export { FaultProblem, readFaults } from './faults/read-faults.js';
export type { SandboxedProvider } from './environment.js';
export type { SandboxStats } from './service/context.js';
export { UnusableDataDir } from './service/unusable-data-dir.js';
export type { UpstreamOptions } from './upstream/upstream.js';
export type { CreatedBatch } from './service/ledger.js';
export type { ReceivedRequest } from './service/request-log.js';
