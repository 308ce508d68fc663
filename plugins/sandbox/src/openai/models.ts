/** The dated snapshots behind the names that move: the service reports these in its answers. */
const SNAPSHOTS: Record<string, string> = {
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'gpt-4.1-nano': 'gpt-4.1-nano-2025-04-14',
  o3: 'o3-2025-04-16',
  'o3-mini': 'o3-mini-2025-01-31',
  'o4-mini': 'o4-mini-2025-04-16',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'gpt-5-nano': 'gpt-5-nano-2025-08-07',
};

export function snapshotOf(model: string): string {
  return Object.hasOwn(SNAPSHOTS, model) ? (SNAPSHOTS[model] ?? model) : model;
}

/** Models that think before they answer take no `max_tokens` and no temperature. The chat variants do not think. */
export function isReasoningModel(model: string): boolean {
  return /^(o[134]|gpt-[56])(?![a-z])/.test(model) && !model.includes('chat');
}
