import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { conformanceChecks } from '@instructor-cli/provider-kit/conformance';
import { startSandbox, type Sandbox } from '@instructor-cli/sandbox';

type Json = Record<string, unknown>;

/** A plugin that breaks one promise. */
interface Lie {
  /** The check that has to notice. */
  check: string;
  /** What it says. */
  says: RegExp;
  /** Changes the package.json. */
  declares?: (packageJson: Json, provider: Json) => void;
  /** Parts that take the place of honest ones; `honest` and `options` are in scope. */
  does?: string;
  /** A whole module instead. */
  module?: string;
}

const capability = (provider: Json, name: string, supported: boolean) =>
  Object.assign(provider['capabilities'] as Json, { [name]: { supported, note: 'Because' } });

const LIES: Record<string, Lie> = {
  'has no oclif key': {
    declares: (packageJson) => delete packageJson['oclif'],
    check: 'it is a plugin for oclif, without commands',
    says: /"oclif": \{\}/,
  },
  'brings commands': {
    declares: (packageJson) => (packageJson['oclif'] = { commands: './commands' }),
    check: 'it is a plugin for oclif, without commands',
    says: /has no commands/,
  },
  'depends on oclif': {
    declares: (packageJson) => (packageJson['dependencies'] = { '@oclif/core': '^4' }),
    check: 'it does not depend on @oclif/core or on the host',
    says: /dependencies has @oclif\/core/,
  },
  'hides its package.json': {
    declares: (packageJson) => (packageJson['exports'] = { '.': './index.js' }),
    check: 'its package.json can be found from outside',
    says: /exports must have/,
  },
  'publishes other files': {
    declares: (packageJson) => (packageJson['files'] = ['dist']),
    check: 'the modules lie inside the plugin and are published with it',
    says: /"files" leaves out \.\/index\.js/,
  },
  'names a module that is not there': {
    declares: (_, provider) => (provider['module'] = './dist/index.js'),
    check: 'the modules lie inside the plugin and are published with it',
    says: /does not exist: build the plugin first/,
  },
  'misspells a key': {
    declares: (_, provider) => (provider['baseURLEnv'] = 'ACME_BASE_URL'),
    check: 'the declaration has no keys that mean nothing',
    says: /"baseURLEnv"/,
  },
  'declares nonsense': {
    declares: (_, provider) => Object.assign(provider, { name: 7, counts: 'all' }),
    check: 'package.json declares providers as the contract says',
    says: /instructor\.providers\.0\.name.*instructor\.providers\.0\.counts/,
  },
  'claims an id twice': {
    declares: (packageJson, provider) => {
      (packageJson['instructor'] as Json)['providers'] = [provider, provider];
    },
    check: 'package.json declares providers as the contract says',
    says: /instructor\.providers: an id is declared twice/,
  },
  'exports something else': {
    module: 'export const provider = {};',
    check: 'acme: the module exports a factory',
    says: /exports neither/,
  },
  'needs a key to begin with': {
    module: 'export default ({ env }) => { if (!env.ACME_API_KEY) throw new Error("no key"); };',
    check: 'acme: the factory needs no key and makes no connection',
    says: /the factory threw: no key/,
  },
  'connects before it is asked': {
    does: 'x: void fetch("http://127.0.0.1:9/").catch(() => 0)',
    check: 'acme: the factory needs no key and makes no connection',
    says: /fetch http:\/\/127\.0\.0\.1:9/,
  },
  'declares a deletion that it lacks': {
    declares: (_, provider) => capability(provider, 'delete', true),
    check: 'acme: it can delete what it declares, and no more',
    says: /there is no delete\(\)/,
  },
  'deletes files although it denies it': {
    declares: (_, provider) => capability(provider, 'deleteFiles', false),
    check: 'acme: it can delete what it declares, and no more',
    says: /there is a deleteFile\(\)/,
  },
  'declares single requests that it cannot ask': {
    does: 'askNow: undefined',
    check: 'acme: it asks single requests if it declares so, and only then',
    says: /there is no askNow\(\)/,
  },
  'asks single requests although it denies it': {
    declares: (_, provider) => capability(provider, 'direct', false),
    check: 'acme: it asks single requests if it declares so, and only then',
    says: /there is a askNow\(\)/,
  },
  'answers a single request under another id': {
    does: "askNow: async (...all) => ({ ...(await honest.askNow(...all)), custom_id: 'other' })",
    check: 'acme: live: a single request is answered by a line like those of a batch',
    says: /askNow gives 'other'/,
  },
  'does not listen while it asks': {
    does: 'askNow: (request) => honest.askNow(request)',
    check:
      'acme: live: a single request with a wrong key is a matter of authentication, and ends when interrupted',
    says: /turned the interruption into undefined/,
  },
  'does not wait until an upload is written down': {
    does: 'submit: (all) => honest.submit({ ...all, onUploaded: (file) => void all.onUploaded?.(file) })',
    check: 'acme: live: an upload is told and waited for, and can be used again',
    says: /does not wait/,
  },
  'uploads once more': {
    does: 'submit: ({ uploaded, ...all }) => honest.submit(all)',
    check: 'acme: live: an upload is told and waited for, and can be used again',
    says: /although they are uploaded already/,
  },
  'lists no files': {
    does: 'listFiles: async function* () {}',
    check: 'acme: live: the list of files has the one that was just uploaded, and ends where it is asked to',
    says: /listFiles lacks file-/,
  },
  'looks for a lost batch unasked': {
    does: 'submit: ({ leaveLost, ...all }) => honest.submit(all)',
    check: 'acme: live: a lost answer is left to the caller who asks for that',
    says: /should have failed|must not look/,
  },
  'publishes no prices': {
    declares: (packageJson, provider) => {
      packageJson['files'] = ['index.js'];
      provider['prices'] = './package.json';
    },
    check: 'the prices are in order and are published with it',
    says: /"files" leaves out \.\/package\.json/,
  },
  'has prices that are none': {
    declares: (packageJson, provider) => {
      delete packageJson['files'];
      provider['prices'] = './package.json';
    },
    check: 'the prices are in order and are published with it',
    says: /\.\/package\.json threw: "date" must be a day/,
  },
  'cannot read odd requests': {
    does: 'readRequest: (request) => ({ customId: request.custom_id, model: request.body.model, rest: [] })',
    check: 'acme: readRequest reads what was built, and answers to anything that JSON can hold',
    says: /readRequest\(.*\) (threw|gives the id)/,
  },
  'overlooks what the model reads': {
    does: 'contentOf: () => ({ texts: [], overheadTokens: 0, images: 0 })',
    check: 'acme: contentOf finds the texts of a request, and answers to anything that JSON can hold',
    says: /contentOf misses a text/,
  },
  'goes on in the original': {
    does: `followUp(request, turn) {
      request.body.messages.push({ role: 'user', content: turn.complaint });
      return { ...request };
    }`,
    check: 'acme: followUp keeps the original and its id, and passes the check',
    says: /followUp changes its arguments/,
  },
  'goes on as somebody else': {
    does: `followUp: (request, turn) => ({
      ...request,
      custom_id: 'other',
      body: { ...request.body, messages: [{ role: 'user', content: turn.complaint }] },
    })`,
    check: 'acme: followUp keeps the original and its id, and passes the check',
    says: /followUp makes the custom id 'other'/,
  },
  'claims the ids of others': {
    declares: (_, provider) => (provider['batchIdPattern'] = 'batch'),
    check: 'acme: the pattern of batch ids claims no others',
    says: /must start with \^/,
  },
  'has a default model that takes no temperature': {
    does: `createRequestBuilder() {
      throw Object.assign(new Error('no temperature'), { code: 'request_settings' });
    }`,
    check: 'acme: the default model takes the default settings',
    says: /acme-small refuses settings that nobody asked for: no temperature/,
  },
  'stumbles over odd requests': {
    does: 'checkRequest: (request) => (request.body.messages?.at(0), honest.checkRequest(request))',
    check: 'acme: checkRequest answers to anything that JSON can hold',
    says: /checkRequest\(null\) threw/,
  },
  'refuses what it built': {
    does: `checkRequest: (request) => ({ ...honest.checkRequest(request), problems: [{ code: 'x', message: 'no' }] })`,
    check: 'acme: requests pass the check of the provider that built them',
    says: /refuses a request built for \/v1\/chat\/completions: no/,
  },
  'cuts custom ids': {
    does: `createRequestBuilder: (settings) => {
      const builder = honest.createRequestBuilder(settings);
      return { ...builder, build: (input) => builder.build({ ...input, customId: input.customId.slice(0, 32) }) };
    }`,
    check: 'acme: custom ids survive in requests',
    says: /is read as that of 'x+'/,
  },
  'lets the parameters of a row stay for the next': {
    does: `createRequestBuilder: (settings) => {
      const builder = honest.createRequestBuilder(settings);
      let params = {};
      return { ...builder, build: (input) => builder.build({ ...input, params: (params = { ...params, ...input.params }) }) };
    }`,
    check: "acme: a row's own parameters win over those of the batch",
    says: /in the request of the next one/,
  },
  'makes up ids': {
    does: `readResult: () => ({ customId: 'row-1', outcome: 'succeeded', answer: { kind: 'text', text: '' } })`,
    check: 'acme: readResult never makes up a custom id',
    says: /readResult\(null\) must throw/,
  },
  'changes the schema of the user': {
    does: 'compileSchema: (schema, context) => { schema.title = "x"; return honest.compileSchema(schema, context); }',
    check: 'acme: schemas: an object goes out and its answer comes back',
    says: /changes the schema it is given/,
  },
  'leaves null where the user said optional': {
    does: 'compileSchema: (...all) => ({ ...honest.compileSchema(...all), decode: (value) => value })',
    check: 'acme: schemas: an optional property goes out and its answer comes back',
    says: /nick: null .*does not fit/,
  },
  'throws something else for a schema': {
    does: 'compileSchema: () => { throw new TypeError("no"); }',
    check: 'acme: schemas: a list at the root goes out and its answer comes back',
    says: /something else than a SchemaError/,
  },
  'stumbles over odd result lines': {
    does: 'readResult: (line) => (line?.response?.body.choices, honest.readResult(line))',
    check: 'acme: recorded result lines are read, and still when parts of them are odd',
    says: /readResult\(.*threw: Cannot read properties of/,
  },
  'has states of its own': {
    does: 'retrieve: async (...all) => ({ ...(await honest.retrieve(...all)), times: { created: 1 } })',
    check: 'acme: live: a batch is followed to its end',
    says: /times\.created is 1, not a Date/,
  },
  'lists more than was asked for': {
    does: 'list: ({ signal } = {}) => honest.list({ signal })',
    check: 'acme: live: the list ends where it is asked to',
    says: /gives 2 batches or more/,
  },
  'lists one page alone': {
    does: 'list: async function* (all) { for await (const batch of honest.list(all)) { yield batch; return; } }',
    check: 'acme: live: the list has it, newest first',
    says: /the list lacks batch_/,
  },
  'loses an answer': {
    does: `openFile: async (...all) => {
      const { stream, ...opened } = await honest.openFile(...all);
      return { ...opened, stream: (async function* () {
        let text = '';
        for await (const chunk of stream) text += Buffer.from(chunk).toString();
        yield Buffer.from(text.slice(text.indexOf('\\n') + 1));
      })() };
    }`,
    check: 'acme: live: every request is accounted for, once, by a line that can be read',
    says: /has 0 results/,
  },
  'reads another id quickly than slowly': {
    does: 'customIdAtStart: (line) => (line.startsWith(\'{"id":"batch_req\') ? "row-1" : undefined)',
    check: 'acme: live: every request is accounted for, once, by a line that can be read',
    says: /customIdAtStart reads 'row-1' where readResult reads/,
  },
  'starts anew and does not say so': {
    does: `openFile: async (file, { offset = 0, ...all } = {}) => ({ ...(await honest.openFile(file, all)), offset })`,
    check: 'acme: live: a file can be opened at a byte',
    says: /does not go on where it should/,
  },
  'cancels nothing': {
    does: 'cancel: async () => undefined',
    check: 'acme: live: a batch can be cancelled',
    says: /cancel gives undefined/,
  },
  'deletes nothing': {
    does: 'deleteFile: async () => undefined',
    check: 'acme: live: the files of a batch can be deleted',
    says: /should have failed/,
  },
  'throws errors of its own': {
    does: 'retrieve: (...all) => honest.retrieve(...all).catch(() => { throw new Error("404"); })',
    check: 'acme: live: an unknown batch is not found',
    says: /something else than a ProviderError: Error: 404/,
  },
  'shows the key': {
    does: `retrieve: (...all) => honest.retrieve(...all).catch((error) => {
      throw Object.assign(error, { message: error.message + ' ' + options.env.ACME_API_KEY });
    })`,
    check: 'acme: live: a wrong key is a matter of authentication, and is not shown',
    says: /shows the key/,
  },
  'creates twice': {
    module: `import { createProvider as honest } from 'HONEST';
      import { connect } from 'CLIENT';
      export const createProvider = (options) => ({
        ...honest(options),
        async submit(all) {
          const form = new FormData();
          const chunks = [];
          for await (const chunk of all.source.open()) chunks.push(chunk);
          form.set('purpose', 'batch');
          form.set('file', new Blob(chunks), 'x.jsonl');
          const client = connect(options);
          const { id } = await client.json('/files', { method: 'POST', body: form });
          const body = JSON.stringify({ input_file_id: id, endpoint: all.endpoint, completion_window: '24h' });
          const create = () =>
            client.json('/batches', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
          const raw = await create().catch(create);
          return honest(options).retrieve(raw.id);
        },
      });`,
    check: 'acme: live: the creating call is made once, and a lost answer is owned up to',
    says: /POST \/v1\/batches was made 2 times/,
  },
  'is silent about a lost answer': {
    module: `import { createProvider as honest } from 'HONEST';
      import { ProviderError } from '@instructor-cli/provider-kit';
      export const createProvider = (options) => ({
        ...honest(options),
        submit: (all) => {
          let uploaded;
          const made = honest({ ...options, maxRetries: 0 });
          const { fetch } = globalThis;
          globalThis.fetch = (url, call) =>
            String(url).endsWith('limit=100') ? Promise.reject(new TypeError('fetch failed')) : fetch(url, call);
          return made.submit(all).catch((error) => {
            throw new ProviderError(error.code, error.message);
          }).finally(() => { globalThis.fetch = fetch; });
        },
      });`,
    check: 'acme: live: the creating call is made once, and a lost answer is owned up to',
    says: /outcomeUnknown: true/,
  },
  'gives up at once': {
    does: 'retrieve: (...all) => HONEST_AGAIN({ ...options, maxRetries: 0 }).retrieve(...all)',
    check: 'acme: live: what is safe to repeat is repeated, and the pause is told',
    says: /trouble on the line/,
  },
  'does not listen': {
    does: 'retrieve: (id) => honest.retrieve(id)',
    check: 'acme: live: a call ends when it is interrupted',
    says: /retrieve goes on after it was interrupted/,
  },
};

/** As the service wrote them: an answer, a refusal by HTTP, and a request that never ran. */
const RESULT_LINES = [
  {
    id: 'batch_req_1',
    custom_id: 'row-1',
    response: {
      status_code: 200,
      request_id: 'req_1',
      body: {
        model: 'acme-small',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
      },
    },
    error: null,
  },
  {
    id: 'batch_req_2',
    custom_id: 'row-2',
    response: { status_code: 400, body: { error: { message: 'No', type: 'invalid_request_error' } } },
    error: null,
  },
  {
    id: 'batch_req_3',
    custom_id: 'row-3',
    response: null,
    error: { code: 'batch_expired', message: 'Late' },
  },
];

const ACME = new URL('../../../../examples/instructor-provider-acme/', import.meta.url);

describe('the conformance suite', () => {
  let folder: string;
  let sandbox: Sandbox;

  before(async () => {
    // Inside the repository, so that the kit is found from there.
    const cache = new URL('../../../../node_modules/.cache/', import.meta.url);
    await mkdir(cache, { recursive: true });
    folder = await mkdtemp(join(fileURLToPath(cache), 'lies-'));
    sandbox = await startSandbox({
      timing: { validatingMs: 0, inProgressMs: 0, finalizingMs: 0, cancellingMs: 0 },
    });
  });

  after(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function pluginWith({ declares, does, module }: Partial<Lie>): Promise<string> {
    const root = await mkdtemp(join(folder, 'plugin-'));
    const packageJson = JSON.parse(await readFile(new URL('package.json', ACME), 'utf8')) as Json;
    const [provider] = (packageJson['instructor'] as { providers: Json[] }).providers as [Json];
    Object.assign(packageJson, { files: ['index.js'], exports: { './package.json': './package.json' } });
    provider['module'] = './index.js';
    declares?.(packageJson, provider);
    await writeFile(join(root, 'package.json'), JSON.stringify(packageJson));
    const source =
      module ??
      `import { createProvider as HONEST_AGAIN } from 'HONEST';
       export const createProvider = (options) => {
         const honest = HONEST_AGAIN(options);
         return { ...honest, ${does ?? ''} };
       };`;
    const resolved = source
      .replace("'HONEST'", JSON.stringify(new URL('src/index.js', ACME).href))
      .replace("'CLIENT'", JSON.stringify(new URL('src/client.js', ACME).href));
    await writeFile(join(root, 'index.js'), resolved);
    return root;
  }

  const checksOf = (root: string) =>
    conformanceChecks({
      root,
      live: { baseUrl: sandbox.openaiBaseUrl, key: sandbox.key },
      resultLines: RESULT_LINES,
    });

  it('has nothing against an honest plugin', async () => {
    for (const { run } of checksOf(await pluginWith({}))) await run();
  });

  for (const [name, lie] of Object.entries(LIES)) {
    it(`notices a plugin that ${name}`, async () => {
      const check = checksOf(await pluginWith(lie)).find((one) => one.name === lie.check);

      const error: unknown = await check?.run().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );

      expect(check, `there is no check "${lie.check}"`).to.not.equal(undefined);
      expect(error, 'the check has to fail').to.be.instanceOf(Error);
      expect((error as Error).message).to.match(lie.says);
    });
  }

  it('says so where there is no plugin', async () => {
    const [check] = conformanceChecks({ root: tmpdir() });

    const error: unknown = await check?.run().catch((thrown: unknown) => thrown);

    expect((error as Error).message).to.match(/has no readable package\.json/);
  });
});
