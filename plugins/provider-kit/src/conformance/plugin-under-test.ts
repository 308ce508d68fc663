import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProviderDeclaration } from '../contract/declaration.js';
import type { BatchProvider, ProviderFactory, ProviderOptions } from '../contract/provider.js';
import { readDeclaration } from '../declaration/read-declaration.js';
import { ensure, isRecord, succeeds } from './ensure.js';

/** The plugin that is being checked. */
export interface PluginUnderTest {
  root: string;
  /** Undefined if there is none, or it is not JSON. */
  packageJson: Record<string, unknown> | undefined;
  providers: ProviderDeclaration[];
}

export function readPlugin(root: string | URL): PluginUnderTest {
  const folder = root instanceof URL || root.startsWith('file:') ? fileURLToPath(root) : root;
  const packageJson = readPackageJson(join(folder, 'package.json'));
  const { providers } = readDeclaration(packageJson?.['instructor']);
  return { root: folder, packageJson, providers };
}

function readPackageJson(path: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** A provider that is being checked: its declaration, and how to make one. */
export interface ProviderUnderTest {
  declaration: ProviderDeclaration;
  /** The model that requests are built for. */
  model: string;
  factory(): Promise<ProviderFactory>;
  /** Made without any environment, for the pure functions. */
  offline(): Promise<BatchProvider>;
  create(options: Omit<ProviderOptions, 'declaration'>): Promise<BatchProvider>;
}

export function providerUnderTest(
  root: string,
  declaration: ProviderDeclaration,
  model?: string,
): ProviderUnderTest {
  const factory = async (): Promise<ProviderFactory> => {
    const { href } = pathToFileURL(join(root, declaration.module));
    const module = (await import(href)) as { createProvider?: unknown; default?: unknown };
    const exported = module.createProvider ?? module.default;
    ensure(
      typeof exported === 'function',
      `${declaration.module} exports neither a function createProvider nor one as default`,
    );
    return exported as ProviderFactory;
  };
  const create: ProviderUnderTest['create'] = async (options) => {
    const make = await factory();
    const provider: unknown = succeeds('the factory', () => make({ ...options, declaration }));
    ensure(isRecord(provider), 'the factory returns no provider; it may not be async either');
    return provider as unknown as BatchProvider;
  };
  return {
    declaration,
    model: model ?? declaration.defaultModel ?? 'a-model',
    factory,
    create,
    offline: () => create({ env: {} }),
  };
}
