import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { DEFAULT_PACE, type RunPace } from '../runs/run-context.js';
import type { RunPolicy, RunSettings } from '../runs/store/run-settings.js';
import { formatOf } from '../core/write-results.js';
import type { ResultFormat } from '../core/write-results.js';

/** The values of the flags that can be said anew when a run is taken up again. */
export interface RunPolicyValues {
  output?: string;
  format?: string;
  'escape-formulas': boolean;
  force?: boolean;
  reask?: number;
  'max-attempts'?: number;
  'max-failures'?: number;
  'max-in-flight'?: number;
  'max-tokens-in-flight'?: number;
  'keep-files'?: boolean;
  poll?: number;
  settle?: number;
  'max-cost'?: number;
  deadline?: Date;
  'deadline-concurrency'?: number;
}

const DEFAULT_POLICY: RunPolicy = {
  maxFailures: 0.1,
  reask: 0,
  maxAttempts: 3,
  deadlineConcurrency: 8,
  keepFiles: false,
};

/** What the user says now, else what was said before. */
export function toPolicy(flags: RunPolicyValues, before: RunPolicy = DEFAULT_POLICY): RunPolicy {
  return {
    ...before,
    maxCostUsd: flags['max-cost'] ?? before.maxCostUsd,
    maxFailures: flags['max-failures'] ?? before.maxFailures,
    reask: flags.reask ?? before.reask,
    maxAttempts: flags['max-attempts'] ?? before.maxAttempts,
    deadline: flags.deadline?.toISOString() ?? before.deadline,
    deadlineConcurrency: flags['deadline-concurrency'] ?? before.deadlineConcurrency,
    keepFiles: flags['keep-files'] ?? before.keepFiles,
  };
}

export function toRunOutput(flags: RunPolicyValues): RunSettings['output'] {
  const { output: path, format } = flags;
  if (path === undefined) return undefined;
  return {
    path,
    format: (format as ResultFormat | undefined) ?? formatOf(path),
    escapeFormulas: flags['escape-formulas'],
    force: flags.force ?? false,
  };
}

/** The settings of a run that is taken up again, with what the user says anew. */
export function changedSettings(
  settings: RunSettings,
  flags: RunPolicyValues,
  absolute: (path: string) => string,
): RunSettings {
  const output = toRunOutput(flags);
  return {
    ...settings,
    policy: toPolicy(flags, settings.policy),
    limits: {
      ...settings.limits,
      maxInFlight: flags['max-in-flight'] ?? settings.limits.maxInFlight,
      maxTokensInFlight: flags['max-tokens-in-flight'] ?? settings.limits.maxTokensInFlight,
    },
    output: output
      ? { ...output, path: output.path === '-' ? '-' : absolute(output.path) }
      : settings.output && { ...settings.output, force: settings.output.force || (flags.force ?? false) },
  };
}

export function toPace({ poll, settle }: Pick<RunPolicyValues, 'poll' | 'settle'>): RunPace {
  return {
    ...DEFAULT_PACE,
    ...(poll === undefined
      ? {}
      : {
          pollMs: poll * 1000,
          longestPauseMs: Math.max(1000, poll * 10_000),
          firstPauseMs: Math.min(1000, poll * 1000),
        }),
    ...(settle === undefined ? {} : { settleMs: settle * 1000 }),
  };
}

/** What a run needs of a provider, and what the user asks for beyond it: said before anything is done. */
export function requireRunnable(
  { name, capabilities }: ProviderDeclaration,
  policy: RunPolicy,
  hasSchema: boolean,
): void {
  if (policy.deadline !== undefined && capabilities.direct?.supported !== true) {
    throw new InstructorError(
      'unsupported',
      capabilities.direct?.note ?? `${name} cannot be asked outside of batches here`,
      {
        hint: 'Leave --deadline out, or look for a newer version of its plugin',
      },
    );
  }
  if (policy.reask > 0 && !hasSchema)
    throw new InstructorError('usage', '--reask needs a response model to complain by', {
      hint: 'Add --response-model FILE#EXPORT',
    });
}
