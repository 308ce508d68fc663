// @ts-check
import { after, test } from 'node:test';
import { conformanceChecks } from '@instructor-cli/provider-kit/conformance';
import { startSandbox } from '@instructor-cli/sandbox';

const sandbox = await startSandbox({
  timing: { validatingMs: 0, inProgressMs: 0, finalizingMs: 0, cancellingMs: 0 },
});
after(() => sandbox.close());

const checks = conformanceChecks({
  root: new URL('..', import.meta.url),
  live: { baseUrl: sandbox.openaiBaseUrl, key: sandbox.key },
});
for (const check of checks) test(check.name, () => check.run());
