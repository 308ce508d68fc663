import type { BatchProvider } from '../contract/provider.js';
import type { ConformanceCheck } from './conformance-checks.js';
import { ensure, show } from './ensure.js';
import { connectionsDuring } from './network-guard.js';
import type { ProviderUnderTest } from './plugin-under-test.js';

const METHODS = [
  'compileSchema',
  'createRequestBuilder',
  'checkRequest',
  'readResult',
  'submit',
  'retrieve',
  'list',
  'cancel',
  'openFile',
] as const satisfies readonly (keyof BatchProvider)[];

const OPTIONAL = [
  'delete',
  'deleteFile',
  'customIdAtStart',
  'readRequest',
  'contentOf',
  'followUp',
  'listFiles',
  'askNow',
] as const satisfies readonly (keyof BatchProvider)[];

/** The module, the factory, and whether what it makes is what was declared. */
export function factoryChecks(provider: ProviderUnderTest): ConformanceCheck[] {
  const { capabilities, batchIdPattern } = provider.declaration;
  return [
    {
      name: 'the module exports a factory',
      run: async () => void (await provider.factory()),
    },
    {
      name: 'the factory needs no key and makes no connection',
      run: async () => {
        await provider.factory();
        const connections = await connectionsDuring(() => provider.offline());
        ensure(connections.length === 0, `the factory made ${connections.join(', ')}`);
      },
    },
    {
      name: 'the provider has the functions of the contract',
      run: async () => {
        const made = (await provider.offline()) as unknown as Record<string, unknown>;
        for (const method of METHODS) {
          ensure(typeof made[method] === 'function', `${method} is ${show(made[method])}, not a function`);
        }
        for (const method of OPTIONAL) {
          const right = made[method] === undefined || typeof made[method] === 'function';
          ensure(right, `${method} is ${show(made[method])}, not a function`);
        }
      },
    },
    {
      name: 'it can delete what it declares, and no more',
      run: async () => {
        const made = await provider.offline();
        isAsDeclared('delete', made.delete !== undefined, capabilities.delete.supported);
        isAsDeclared(
          'deleteFiles',
          made.deleteFile !== undefined,
          capabilities.deleteFiles?.supported ?? false,
        );
      },
    },
    {
      name: 'it asks single requests if it declares so, and only then',
      run: async () => {
        const made = await provider.offline();
        isAsDeclared('direct', made.askNow !== undefined, capabilities.direct?.supported ?? false);
      },
    },
    {
      name: 'what it lacks is explained in a note',
      run: async () => {
        for (const operation of ['list', 'create', 'cancel', 'delete', 'results'] as const) {
          const { supported, note } = capabilities[operation];
          ensure(supported || note, `capabilities.${operation} needs a note: it is all that a user reads`);
        }
      },
    },
    {
      name: 'the pattern of batch ids claims no others',
      run: async () => {
        if (batchIdPattern === undefined) return;
        ensure(batchIdPattern.startsWith('^'), `batchIdPattern ${batchIdPattern} must start with ^`);
        const pattern = new RegExp(batchIdPattern);
        ensure(!pattern.test('') && !pattern.test('?'), `batchIdPattern ${batchIdPattern} matches anything`);
      },
    },
  ];
}

/** Functions that are not named like their operation. */
const FUNCTIONS = new Map([
  ['deleteFiles', 'deleteFile'],
  ['direct', 'askNow'],
]);

function isAsDeclared(operation: string, exists: boolean, declared: boolean): void {
  const name = FUNCTIONS.get(operation) ?? operation;
  ensure(!declared || exists, `capabilities.${operation} is declared, but there is no ${name}()`);
  ensure(declared || !exists, `there is a ${name}(), but capabilities.${operation} denies it`);
}
