import { conformanceChecks } from '@instructor-cli/provider-kit/conformance';
import { startSandbox, type Sandbox } from '@instructor-cli/sandbox';

describe('Anthropic keeps to the contract', () => {
  let sandbox: Sandbox | undefined;
  after(() => sandbox?.close());

  const checks = conformanceChecks({
    root: new URL('..', import.meta.url),
    live: async () => {
      sandbox = await startSandbox({
        timing: { validatingMs: 0, inProgressMs: 0, finalizingMs: 0, cancellingMs: 0 },
      });
      return { baseUrl: sandbox.anthropicBaseUrl, key: sandbox.key };
    },
  });
  for (const check of checks) it(check.name, () => check.run());
});
