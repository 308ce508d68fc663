import type { Batch, BatchFile, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import type { CheckedFile } from './check-request-file.js';
import type { ProviderSession } from './session.js';

export interface SubmitSettings {
  /** Stored as metadata where the provider has it. */
  description?: string;
  metadata?: Record<string, string>;
  /** The completion window, and whether the user asked for it. */
  completionWindow?: { value: string; explicit: boolean };
  expiresAfterSeconds?: number;
}

export interface SubmitRequestsOptions extends SubmitSettings {
  session: ProviderSession;
  file: CheckedFile;
  onProgress?: (sentBytes: number) => void;
  onUploaded?: (file: BatchFile) => void | Promise<void>;
  signal?: AbortSignal;
}

/** What is going to be sent beside the requests, and what the user should know about it. */
export interface SubmitPlan {
  metadata?: Record<string, string>;
  completionWindow?: string;
  expiresAfterSeconds?: number;
  notes: string[];
}

/** Fits the user's settings to what the provider can carry, before anything is sent. */
export function planSubmit(declaration: ProviderDeclaration, settings: SubmitSettings): SubmitPlan {
  const notes: string[] = [];
  return {
    metadata: planMetadata(declaration, settings, notes),
    completionWindow: planWindow(declaration, settings.completionWindow, notes),
    expiresAfterSeconds: planExpiry(declaration, settings.expiresAfterSeconds),
    notes,
  };
}

export async function submitRequests(options: SubmitRequestsOptions): Promise<Batch> {
  const { session, file, onProgress, onUploaded, signal } = options;
  const plan = planSubmit(session.declaration, options);
  const provider = await session.remote();
  return await provider.submit({
    source: file.source,
    endpoint: file.endpoint,
    model: file.models[0],
    traits: file.traits,
    metadata: plan.metadata,
    completionWindow: plan.completionWindow,
    expiresAfterSeconds: plan.expiresAfterSeconds,
    onProgress,
    onUploaded,
    signal,
  });
}

function planMetadata(
  { name, capabilities }: ProviderDeclaration,
  { description, metadata = {} }: SubmitSettings,
  notes: string[],
): Record<string, string> | undefined {
  const limits = capabilities.metadata;
  if (!limits) {
    if (Object.keys(metadata).length > 0) {
      throw new InstructorError('unsupported', `${name} batches carry no metadata`, {
        hint: 'Leave --metadata out',
      });
    }
    if (description) notes.push(`${name} batches carry no metadata: the description is not sent`);
    return undefined;
  }
  const all = description ? { description, ...metadata } : metadata;
  const entries = Object.entries(all);
  if (entries.length > limits.maxPairs) {
    throw new InstructorError(
      'usage',
      `${entries.length} metadata pairs are more than the ${limits.maxPairs} that ${name} takes`,
      {
        hint: description ? 'The description is one of them' : undefined,
      },
    );
  }
  for (const [key, value] of entries) {
    if (key.length > limits.maxKeyLength) {
      throw new InstructorError(
        'usage',
        `The metadata key "${key}" is longer than the ${limits.maxKeyLength} characters that ${name} takes`,
      );
    }
    if (value.length > limits.maxValueLength) {
      const what = key === 'description' ? 'The description' : `The metadata value of "${key}"`;
      throw new InstructorError(
        'usage',
        `${what} is longer than the ${limits.maxValueLength} characters that ${name} takes`,
      );
    }
  }
  return all;
}

function planWindow(
  { name, completionWindows }: ProviderDeclaration,
  window: SubmitSettings['completionWindow'],
  notes: string[],
): string | undefined {
  if (!completionWindows) {
    if (window?.explicit)
      notes.push(`${name} has no completion window to choose: ${window.value} is not sent`);
    return undefined;
  }
  if (window === undefined) return completionWindows[0];
  if (completionWindows.includes(window.value)) return window.value;
  if (!window.explicit) return completionWindows[0];
  throw new InstructorError('usage', `${name} has no completion window of ${window.value}`, {
    hint: `Use one of: ${completionWindows.join(', ')}`,
  });
}

function planExpiry(
  { name, capabilities }: ProviderDeclaration,
  seconds: number | undefined,
): number | undefined {
  if (seconds === undefined) return undefined;
  const { expiry } = capabilities;
  if (!expiry) {
    throw new InstructorError('unsupported', `${name} has no lifetime of files to set`, {
      hint: 'Leave --expires-after out',
    });
  }
  if (seconds >= expiry.minSeconds && seconds <= expiry.maxSeconds) return seconds;
  throw new InstructorError(
    'usage',
    `${name} takes a lifetime between ${expiry.minSeconds} and ${expiry.maxSeconds} seconds, not ${seconds}`,
    {
      hint: 'Write it like --expires-after 7d',
    },
  );
}
