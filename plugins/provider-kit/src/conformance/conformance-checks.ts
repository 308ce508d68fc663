import { factoryChecks } from './factory-checks.js';
import { liveChecks } from './live/live-checks.js';
import { connectService } from './live/service.js';
import type { ConformanceOptions } from './options.js';
import { packageChecks } from './package-checks.js';
import { providerUnderTest, readPlugin } from './plugin-under-test.js';
import { portableChecks } from './portable-checks.js';
import { requestChecks } from './request-checks.js';
import { resultChecks } from './result-checks.js';
import { schemaChecks } from './schema-checks.js';

/** One promise of the contract. `run` fails with a sentence that says how it is broken. */
export interface ConformanceCheck {
  name: string;
  run: () => Promise<void>;
}

/**
 * What every provider plugin has to keep to, for any test runner. The checks depend on nothing of each other; they
 * are to run one after the other, since some of them watch whether a connection is made.
 *
 * @example
 * for (const check of conformanceChecks({ root: new URL('..', import.meta.url) })) {
 *   it(check.name, () => check.run());
 * }
 */
export function conformanceChecks(options: ConformanceOptions): ConformanceCheck[] {
  const plugin = readPlugin(options.root);
  const checks = packageChecks(plugin);
  for (const declaration of plugin.providers) {
    const provider = providerUnderTest(plugin.root, declaration, options.model);
    const own = [
      ...factoryChecks(provider),
      ...requestChecks(provider),
      ...portableChecks(provider),
      ...schemaChecks(provider),
      ...resultChecks(provider, options.resultLines ?? []),
      ...(options.live === undefined ? [] : liveChecks(provider, connectService(provider, options.live))),
    ];
    checks.push(...own.map(({ name, run }) => ({ name: `${declaration.id}: ${name}`, run })));
  }
  return checks;
}
