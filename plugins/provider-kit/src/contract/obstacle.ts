/**
 * Why a service does not take a batch at the moment, where that can be told. Each asks for something else:
 *
 * - `queue_full`: too many tokens, requests or batches of this account wait already; there is room when some have ended
 * - `batch_too_large`: this batch alone is more than the service ever takes; half of it may fit
 * - `billing`: money or a spending limit; neither waiting nor a smaller batch helps
 */
export const OBSTACLES = ['queue_full', 'batch_too_large', 'billing'] as const;
export type Obstacle = (typeof OBSTACLES)[number];

/** An obstacle, and what the service told about its limit. */
export interface ObstacleFacts {
  obstacle?: Obstacle;
  /** How many tokens may wait at the same time. */
  limitTokens?: number;
  /** How many requests may wait at the same time. */
  limitRequests?: number;
}
