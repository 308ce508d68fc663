import type { ProviderDeclaration } from '../../contract/declaration.js';
import type { ConformanceCheck } from '../conformance-checks.js';
import { ensure, show } from '../ensure.js';
import { resultLineIsRead } from '../result-checks.js';
import { failsWith } from './failure.js';
import type { Service } from './service.js';

const WRONG_KEY = 'wrong-key-of-the-conformance-suite';

/** Single requests outside of any batch. */
export function directChecks(declaration: ProviderDeclaration, service: Service): ConformanceCheck[] {
  const { capabilities, credentials } = declaration;
  if (!capabilities.direct?.supported) return [];
  const firstRequest = async (): Promise<{ id: string | undefined; request: unknown }> => {
    const { ids, text } = await service.ended();
    return { id: ids[0], request: JSON.parse(text.split('\n')[0] ?? '') as unknown };
  };
  return [
    {
      name: 'a single request is answered by a line like those of a batch',
      run: async () => {
        const { id, request } = await firstRequest();
        const made = await service.connect();
        const line: unknown = await made.askNow?.(request);
        const result = resultLineIsRead(made, JSON.stringify(line));
        ensure(result.customId === id, `asked for ${show(id)}, askNow gives ${show(result.customId)}`);
        const reason = result.error?.message ?? '';
        ensure(result.outcome === 'succeeded', `the outcome of askNow is ${result.outcome}: ${reason}`);
      },
    },
    {
      name: 'a single request with a wrong key is a matter of authentication, and ends when interrupted',
      run: async () => {
        const { request } = await firstRequest();
        if (credentials.length > 0) {
          const made = await service.connect({ key: WRONG_KEY });
          const asked = Promise.resolve(made.askNow?.(request));
          await failsWith('authentication', 'askNow with a wrong key', asked, [WRONG_KEY]);
        }
        const made = await service.connect();
        const reason = new DOMException('Interrupted', 'AbortError');
        const thrown: unknown = await made.askNow?.(request, { signal: AbortSignal.abort(reason) }).then(
          () => undefined,
          (error: unknown) => error,
        );
        const passedOn = thrown === reason || (thrown instanceof Error && thrown.name === 'AbortError');
        ensure(passedOn, `askNow turned the interruption into ${show(thrown)}; it has to be passed on`);
      },
    },
  ];
}
