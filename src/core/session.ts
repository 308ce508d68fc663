import type { BatchProvider, Operation, ProviderDeclaration } from '@instructor-cli/provider-kit';
import { InstructorError } from '../failure/instructor-error.js';
import { loadProvider, requireCredentials, type LoadOptions } from '../registry/load-provider.js';
import type { ProviderEntry } from '../registry/provider-registry.js';

export interface SessionOptions extends LoadOptions {
  /** Told once, before the first call. */
  onConnecting?: () => void;
}

/** A provider in use: its declaration at once, its code and its key only when they are needed. */
export class ProviderSession {
  private connecting = false;
  private loaded: Promise<BatchProvider> | undefined;

  constructor(
    readonly entry: ProviderEntry,
    private readonly options: SessionOptions,
  ) {}

  get declaration(): ProviderDeclaration {
    return this.entry.declaration;
  }

  /** The provider's code, for what needs no connection. */
  async local(): Promise<BatchProvider> {
    if (!this.loaded) {
      const { onConnecting: _, ...options } = this.options;
      this.loaded = loadProvider(this.entry, options);
    }
    return await this.loaded;
  }

  /** The provider's code, for calls: without a key this fails before anything is loaded. */
  async remote(): Promise<BatchProvider> {
    requireCredentials(this.entry, this.options.env);
    if (!this.connecting) this.options.onConnecting?.();
    this.connecting = true;
    return await this.local();
  }

  /** Fails with the provider's own note if it declares that it lacks an operation. */
  require(operation: Operation, hint?: string): void {
    const { capabilities, name } = this.declaration;
    const capability = capabilities[operation];
    if (capability?.supported) return;
    const note = capability?.note ?? `${name} has no such operation (${operation})`;
    throw new InstructorError('unsupported', note, { hint });
  }
}
