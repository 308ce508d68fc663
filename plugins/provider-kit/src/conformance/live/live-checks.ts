import type { ConformanceCheck } from '../conformance-checks.js';
import type { ProviderUnderTest } from '../plugin-under-test.js';
import { changeChecks } from './change-checks.js';
import { directChecks } from './direct-checks.js';
import { failureChecks } from './failure-checks.js';
import { lifeChecks } from './life-checks.js';
import { outputChecks } from './output-checks.js';
import { uploadChecks } from './upload-checks.js';
import type { Service } from './service.js';

/** The checks that talk to a service. */
export function liveChecks({ declaration }: ProviderUnderTest, service: Service): ConformanceCheck[] {
  return [
    ...lifeChecks(declaration, service),
    ...outputChecks(declaration, service),
    ...uploadChecks(service),
    ...directChecks(declaration, service),
    ...changeChecks(declaration, service),
    ...failureChecks(declaration, service),
  ].map(({ name, run }) => ({ name: `live: ${name}`, run }));
}
