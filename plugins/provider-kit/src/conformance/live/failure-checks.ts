import type { ProviderDeclaration } from '../../contract/declaration.js';
import { isProviderError } from '../../contract/errors.js';
import type { BatchProvider } from '../../contract/provider.js';
import type { ConformanceCheck } from '../conformance-checks.js';
import { ensure, fail, show } from '../ensure.js';
import { failsWith, failureOf } from './failure.js';
import { startRelay, type Fate, type Passing } from './relay.js';
import type { Overrides, Service } from './service.js';

const WRONG_KEY = 'wrong-key-of-the-conformance-suite';
/** As it looks when it was copied with a line break in it. */
const BROKEN_KEY = 'key-of-the-\nconformance-suite';
const AT_ONCE_MS = 2000;

/** When things go wrong. Trouble on the line is made by a relay, so it needs a provider whose address can be set. */
export function failureChecks(declaration: ProviderDeclaration, service: Service): ConformanceCheck[] {
  const { baseUrlEnv, credentials, capabilities } = declaration;
  const keys = async (): Promise<string[]> => [WRONG_KEY, (await service.settings()).key];
  /** Runs something against the service with trouble on the line. */
  const through = async <T>(
    fateOf: (call: Passing) => Fate,
    act: (made: BatchProvider, seen: Passing[]) => Promise<T>,
    overrides: Overrides = {},
  ): Promise<T> => {
    const relay = await startRelay((await service.settings()).baseUrl, fateOf);
    try {
      return await act(
        await service.connect({ maxRetries: 0, ...overrides, baseUrl: relay.url }),
        relay.seen,
      );
    } finally {
      await relay.close();
    }
  };
  const creatingCall = (): Promise<Passing | undefined> =>
    through(
      () => 'forward',
      async (made, seen) => {
        await service.send(made);
        return seen.filter((call) => !call.startsWith('GET ')).at(-1);
      },
    );

  const checks: ConformanceCheck[] = [
    {
      name: 'an unknown batch is not found',
      run: async () => {
        const made = await service.connect();
        const id = unknownId((await service.ended()).batch.id);
        await failsWith('not_found', `retrieve("${id}")`, made.retrieve(id), await keys());
        if (capabilities.cancel.supported)
          await failsWith('not_found', `cancel("${id}")`, made.cancel(id), await keys());
        if (made.delete) await failsWith('not_found', `delete("${id}")`, made.delete(id), await keys());
      },
    },
  ];
  if (credentials.length > 0) {
    checks.push({
      name: 'a wrong key is a matter of authentication, and is not shown',
      run: async () => {
        const { id } = (await service.ended()).batch;
        const made = await service.connect({ key: WRONG_KEY });
        await failsWith('authentication', 'retrieve with a wrong key', made.retrieve(id), await keys());
        await failsWith('authentication', 'list with a wrong key', firstOf(made), await keys());
        await failsWith('authentication', 'submit with a wrong key', service.send(made), await keys());
        const broken = await service.connect({ key: BROKEN_KEY });
        const parts = [BROKEN_KEY, ...BROKEN_KEY.split('\n'), JSON.stringify(BROKEN_KEY).slice(1, -1)];
        await failsWith('authentication', 'retrieve with a key of two lines', broken.retrieve(id), parts);
      },
    });
  }
  if (baseUrlEnv === undefined) return checks;
  return [
    ...checks,
    {
      name: 'the creating call is made once, and a lost answer is owned up to',
      run: async () => {
        const create = await creatingCall();
        await through(
          (call) => (call === create ? 'lose' : 'forward'),
          async (made, seen) => {
            const error: unknown = await service.send(made).then(
              () => undefined,
              (thrown: unknown) => thrown,
            );
            const attempts = seen.filter((call) => call === create).length;
            ensure(
              attempts <= 1,
              `${create} was made ${attempts} times: each makes a batch that costs money`,
            );
            // No error means that the provider found the batch again.
            if (attempts === 0 || error === undefined) return;
            ensure(
              isProviderError(error),
              `submit failed with something else than a ProviderError: ${show(error)}`,
            );
            ensure(error.outcomeUnknown, 'the batch may exist, so the error needs outcomeUnknown: true');
          },
          { maxRetries: 2 },
        );
      },
    },
    {
      name: 'a lost answer is left to the caller who asks for that',
      run: async () => {
        const create = await creatingCall();
        await through(
          (call) => (call === create ? 'lose' : 'forward'),
          async (made, seen) => {
            const what = 'submit with leaveLost, whose answer is lost,';
            const sent = service.send(made, { leaveLost: true });
            const { outcomeUnknown } = await failureOf(what, sent, []);
            ensure(outcomeUnknown, `${what} has to fail with outcomeUnknown: true`);
            const looked = seen.find((call) => call.startsWith('GET '));
            ensure(looked === undefined, `${what} must not look for the batch, but made ${looked}`);
          },
        );
      },
    },
    {
      name: 'what is safe to repeat is repeated, and the pause is told',
      run: async () => {
        const { id } = (await service.ended()).batch;
        let calls = 0;
        let told = 0;
        await through(
          () => ((calls += 1) === 1 ? trouble(503, { 'retry-after-ms': '1' }) : 'forward'),
          async (made) => {
            ensure((await made.retrieve(id)).id === id, 'retrieve gives another batch');
          },
          { maxRetries: 1, onRetry: () => (told += 1) },
        );
        ensure(told === 1, `onRetry was told ${told} times of one repeated call`);
      },
    },
    {
      name: 'the failures of a service have their codes',
      run: async () => {
        const { id } = (await service.ended()).batch;
        const failing = (fate: Fate) => (made: BatchProvider) =>
          made.retrieve(id).then(() => fail(show(fate)));
        for (const [code, fate] of [
          ['unavailable', trouble(503)],
          ['permission', trouble(403)],
          [
            'unavailable',
            { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>login</html>' },
          ],
          [
            'unavailable',
            { status: 200, headers: { 'content-type': 'application/json' }, body: '{"id": "cut' },
          ],
        ] as const) {
          const what = `retrieve, answered ${fate.status} ${fate.body},`;
          await failsWith(
            code,
            what,
            through(() => fate, failing(fate)),
            await keys(),
          );
        }
        const limited = trouble(429, { 'retry-after': '7' });
        const error = await failsWith(
          'rate_limited',
          'retrieve',
          through(() => limited, failing(limited)),
          [],
        );
        ensure(error.retryAfterSeconds === 7, `retry-after: 7 is read as ${show(error.retryAfterSeconds)}`);
      },
    },
    {
      name: 'a service that is not there is a matter of the network',
      run: async () => {
        const { id } = (await service.ended()).batch;
        const gone = await startRelay((await service.settings()).baseUrl, () => 'hang');
        await gone.close();
        const made = await service.connect({ baseUrl: gone.url, maxRetries: 0 });
        await failsWith('network', 'retrieve', made.retrieve(id), await keys());
      },
    },
    {
      name: 'a call ends when it is interrupted',
      run: async () => {
        const { batch } = await service.ended();
        const [file] = batch.files;
        await through(
          () => 'hang',
          async (made) => {
            await endsAtOnce('retrieve', (signal) => made.retrieve(batch.id, { signal }));
            await endsAtOnce('list', (signal) => firstOf(made, signal));
            if (capabilities.cancel.supported)
              await endsAtOnce('cancel', (signal) => made.cancel(batch.id, { signal }));
            if (file) await endsAtOnce('openFile', (signal) => made.openFile(file, { signal }));
          },
        );
      },
    },
  ];
}

/** An id of the same form that no batch has. */
function unknownId(id: string): string {
  let left = 8;
  return [...id]
    .reverse()
    .map((character) => (/[0-9a-zA-Z]/.test(character) && left-- > 0 ? '0' : character))
    .reverse()
    .join('');
}

function trouble(status: number, headers: Record<string, string> = {}) {
  const body = '{"error": {"message": "trouble on the line"}}';
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

async function firstOf(made: BatchProvider, signal?: AbortSignal): Promise<unknown> {
  for await (const batch of made.list({ limit: 1, ...(signal ? { signal } : {}) })) return batch;
  return undefined;
}

async function endsAtOnce(what: string, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const reason = new DOMException('Interrupted', 'AbortError');
  const ended = call(controller.signal).then(
    (value: unknown) => fail(`${what} gave ${show(value)} although it was interrupted`),
    (thrown: unknown) => thrown,
  );
  // Long enough for the call to be under way.
  setTimeout(() => controller.abort(reason), 50);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>(
    (resolve) => (timer = setTimeout(() => resolve(undefined), AT_ONCE_MS)),
  );
  const error = await Promise.race([ended, late]).finally(() => clearTimeout(timer));
  ensure(error !== undefined, `${what} goes on after it was interrupted`);
  const passedOn = error === reason || (error instanceof Error && error.name === 'AbortError');
  ensure(passedOn, `${what} turned the interruption into ${show(error)}; it has to be passed on`);
}
