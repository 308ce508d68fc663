import { appendFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderDeclaration } from '@instructor-cli/provider-kit';
import { expect } from 'chai';
import {
  checkRequestFile,
  type CheckedFile,
  type CheckFileOptions,
} from '../../src/core/check-request-file.js';
import { failureOf, thrownBy } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { allOf, textOf } from '../support/streams.js';
import { declare, fakeProvider } from './support/fake-provider.js';

function request(id: string, rest: Record<string, unknown> = {}): string {
  return JSON.stringify({ custom_id: id, ask: 'wie geht’s? 😀', ...rest });
}

describe('checking a request file', () => {
  let path: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const folder = await temporaryFolder();
    ({ remove } = folder);
    path = join(folder.path, 'requests.jsonl');
  });
  afterEach(() => remove());

  async function check(
    content: string | Buffer,
    options: Partial<CheckFileOptions> & { declared?: Partial<ProviderDeclaration> } = {},
  ): Promise<CheckedFile> {
    await writeFile(path, content);
    return await checkRequestFile({
      path,
      provider: fakeProvider(),
      declaration: declare(options.declared),
      ...options,
    });
  }

  describe('what is sent', () => {
    const [a, b] = [request('a'), request('b')];
    const tidy = `${a}\n${b}\n`;
    const forms: Record<string, string> = {
      'a tidy file': tidy,
      'no line feed at the end': `${a}\n${b}`,
      'a byte order mark': `\uFEFF${tidy}`,
      'a byte order mark and no line feed at the end': `\uFEFF${a}\n${b}`,
      'carriage returns': `${a}\r\n${b}\r\n`,
      'carriage returns and none at the end': `${a}\r\n${b}`,
      'blank lines': `\n\n${a}\n\n  \t\n${b}\n\n\n`,
      'blanks behind the requests': `${a}  \n${b}\t\n`,
      'everything at once': `\uFEFF\r\n${a} \r\n\r\n \r\n${b}\t`,
    };
    for (const [name, content] of Object.entries(forms)) {
      for (const validate of [true, false]) {
        it(`is one line feed behind each request, given ${name}${validate ? '' : ', unchecked'}`, async () => {
          const file = await check(content, { validate });
          expect(file.checker.problems.total).to.equal(0);
          expect(await textOf(file.source.open())).to.equal(tidy);
          expect(await textOf(file.source.open())).to.equal(tidy, 'a second time');
          expect(file.source.bytes).to.equal(Buffer.byteLength(tidy));
          expect(file.source.requests).to.equal(2);
        });
      }
    }

    it('has the announced size whatever the file looks like, in many pieces too', async () => {
      const ends = ['\n', '\r\n', ' \n', '\n\n', '\n \n', '\t\r\n'];
      for (let round = 0; round < 8; round += 1) {
        const lines = Array.from(
          { length: 1500 },
          (_, index) =>
            request(`r${index}`, { pad: 'é'.repeat((index * 31) % 200) }) + ends[(index * round) % 6],
        );
        const file = await check((round % 2 === 0 ? '' : '\uFEFF') + lines.join(''));
        const chunks = await allOf(file.source.open());
        expect(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)).to.equal(file.source.bytes);
        const sent = Buffer.concat(chunks).toString('utf8');
        expect(sent === `${lines.map((line) => line.trimEnd()).join('\n')}\n`).to.equal(true);
      }
    });

    it('has a name that ends in .jsonl', async () => {
      expect((await check(a)).source.name).to.equal('requests.jsonl');
      path = `${path}.txt`;
      expect((await check(a)).source.name).to.equal('requests.jsonl.txt.jsonl');
    });

    for (const [how, change] of Object.entries<() => Promise<void>>({
      grew: () => appendFile(path, `${request('c')}\n`),
      shrank: () => truncate(path, 10),
      'became empty': () => truncate(path, 0),
      'got other content of the same length': async () => {
        await writeFile(path, tidy.replace('"a"', '"b"'));
        const { atime, mtime } = await stat(path);
        await utimes(path, atime, new Date(mtime.getTime() + 2000));
      },
    })) {
      for (const content of [tidy, `\n${tidy}`]) {
        it(`is refused if the file ${how} in between${content === tidy ? '' : ', an untidy one'}`, async () => {
          const { source } = await check(content);
          await change();
          let given = 0;
          const failure = await failureOf(async () => {
            for await (const { byteLength } of source.open()) given += byteLength;
          });
          expect(failure.message).to.equal(`${path} changed while it was being sent`);
          expect(given).to.be.lessThan(source.bytes, 'the file must not look complete to the receiver');
        });
      }
    }
  });

  describe('what is wrong', () => {
    async function problemsOf(...given: Parameters<typeof check>): Promise<string[]> {
      const { checker } = await check(...given);
      return checker.problems.toError('F', 'nothing was sent')?.details ?? [];
    }

    it('is named with the line, blank ones counted, and the reason of the parser', async () => {
      const [problem, ...others] = await problemsOf(
        `\uFEFF${request('a')}\r\n\r\n{"custom_id": \r\n${request('b')}`,
      );
      expect(problem).to.match(/^F:3: not valid JSON: ./);
      expect(others).to.deep.equal([]);
    });

    it('is shown up to twenty times, with the total', async () => {
      const { checker } = await check(`${'{"a":1}\n'.repeat(1234)}`, {
        declared: { requestKeys: undefined },
      });
      const error = checker.problems.toError('F', 'nothing was sent');
      expect(error?.message).to.equal('F has 1,234 problems; nothing was sent');
      expect(error?.kind).to.equal('input');
      expect(error?.details).to.have.length(21);
      expect(error?.details?.[19]).to.equal('F:20: custom_id is missing');
      expect(error?.details?.[20]).to.equal('… and 1,214 more');
      expect(error?.problems).to.have.length(20);
      expect(error?.problems?.[0]).to.include({ line: 1, code: 'missing_field' });
    });

    it('is one thing in the singular', async () => {
      const { checker } = await check(`${request('a')}\nx`);
      expect(checker.problems.toError('F', 'ok')?.message).to.equal('F has a problem; ok');
    });

    it('is a custom id that comes twice: the first line is named', async () => {
      expect(
        await problemsOf(`${request('a')}\n\n${request('b')}\n${request('a')}\n${request('a')}`),
      ).to.deep.equal([
        'F:4 (a): the custom id was used in line 1 already',
        'F:5 (a): the custom id was used in line 1 already',
      ]);
    });

    it('is a custom id that the provider does not accept, shortened if it is long', async () => {
      const declared = { limits: { customId: '^[a-z]{1,64}$' } };
      const [short, long] = await problemsOf(`${request('A')}\n${request('b'.repeat(200))}`, { declared });
      expect(short).to.equal('F:1 (A): Fake accepts custom ids that match ^[a-z]{1,64}$');
      expect(long).to.equal(`F:2 (${'b'.repeat(77)}...): Fake accepts custom ids that match ^[a-z]{1,64}$`);
    });

    it('is a second model, only where a batch has one', async () => {
      const content = `${request('a', { model: 'one' })}\n${request('b', { model: 'two' })}\n${request('c', { model: 'one' })}`;
      expect(await problemsOf(content)).to.deep.equal([]);
      expect(await problemsOf(content, { declared: { limits: { oneModelPerBatch: true } } })).to.deep.equal([
        'F:2 (b): model two differs from one, and a batch of Fake has one model; make a file for each model',
      ]);
    });

    it('is a second endpoint', async () => {
      const content = `${request('a', { endpoint: '/x' })}\n${request('b', { endpoint: '/y' })}`;
      expect(await problemsOf(content)).to.deep.equal([
        'F:2 (b): /y differs from /x, and a batch has one endpoint',
      ]);
    });

    it('is another endpoint than the one asked for', async () => {
      expect(await problemsOf(request('a', { endpoint: '/x' }), { endpoint: '/y' })).to.deep.equal([
        'F:1 (a): /x differs from /y, and a batch has one endpoint',
      ]);
    });

    it('is a file with too many requests', async () => {
      const content = Array.from({ length: 1001 }, (_, index) => request(`r${index}`)).join('\n');
      expect(await problemsOf(content, { declared: { limits: { requests: 1001 } } })).to.deep.equal([]);
      expect(await problemsOf(content, { declared: { limits: { requests: 1000 } } })).to.deep.equal([
        'F: 1,001 requests are more than the 1,000 that Fake takes in one batch; split the file',
      ]);
    });

    it('is a file that is too large, by what would be sent and not by its size', async () => {
      const bytes = Buffer.byteLength(request('a')) + 1;
      const content = `\n\n${request('a')}   \n`;
      expect(await problemsOf(content, { declared: { limits: { bytes } } })).to.deep.equal([]);
      expect(await problemsOf(content, { declared: { limits: { bytes: bytes - 1 } } })).to.have.length(1);
    });

    for (const content of ['', '\uFEFF', '\n \r\n']) {
      it(`is a file without requests: ${JSON.stringify(content)}`, async () => {
        expect(await problemsOf(content)).to.deep.equal(['F: there is no request in it']);
      });
    }

    it('is nothing of this if the file is not to be checked', async () => {
      const file = await check(`not json\n${request('a', { model: 'm', trait: 't' })}\n${request('a')}\n`, {
        validate: false,
      });
      expect(file.checker.problems.total).to.equal(0);
      expect(file).to.deep.include({ requests: 3, models: ['m'], traits: ['t'] });
      expect(await textOf(file.source.open())).to.contain('not json\n');
    });
  });

  describe('for the wrong provider', () => {
    const openai = declare({
      id: 'openai',
      name: 'OpenAI',
      requestKeys: ['custom_id', 'method', 'url', 'body'],
    });
    const anthropic = declare({ id: 'anthropic', name: 'Anthropic', requestKeys: ['custom_id', 'params'] });
    const others = [anthropic, openai];
    const lines = {
      openai: '{"custom_id":"a","method":"POST","url":"/x","body":{}}',
      anthropic: '{"custom_id":"a","params":{}}',
    };

    it('says whose file it is, once, both ways', async () => {
      for (const [mine, theirs] of [
        [openai, anthropic],
        [anthropic, openai],
      ] as const) {
        const content = `${lines[theirs.id as keyof typeof lines]}\n`.repeat(3000);
        const { checker } = await check(content, { declaration: mine, others });
        expect(checker.problems.toError('F', 'x')?.details).to.deep.equal([
          `F:1: This looks like an ${theirs.name} request file, but it is meant for ${mine.name}; ` +
            `use --model ${theirs.id}/MODEL, or create the file for ${mine.name}`,
        ]);
      }
    });

    it('says so too if the first line is no JSON', async () => {
      const { checker } = await check(`oops\n${lines.anthropic}`, { declaration: openai, others });
      expect(checker.problems.shown.map(({ code }) => code)).to.deep.equal([
        'invalid_json',
        'wrong_provider',
      ]);
    });

    it('accepts its own file though another provider has the same form', async () => {
      const twin = { ...openai, id: 'twin', name: 'Twin' };
      const { checker } = await check(lines.openai, { declaration: twin, others: [...others, twin] });
      expect(checker.foreign).to.equal(false);
    });

    it('guesses nothing for a provider that does not declare how its requests look', async () => {
      const silent = declare({ requestKeys: undefined });
      const { checker } = await check(lines.openai, { declaration: silent, others: [...others, silent] });
      expect(checker.problems.total).to.equal(0);
    });

    it('is not said of something that fits nobody', async () => {
      const { checker } = await check('{"a":1}', { declaration: openai, others });
      expect(checker.problems.shown.map(({ code }) => code)).to.deep.equal(['missing_field']);
    });
  });

  it('collects models, endpoint and traits', async () => {
    const file = await check(
      `${request('a', { model: 'm', endpoint: '/x', trait: 't' })}\n${request('b', { model: 'n', trait: 't' })}`,
    );
    expect(file).to.deep.include({ models: ['m', 'n'], endpoint: '/x', traits: ['t'], requests: 2 });
  });

  it('tells of each problem as it is found, so that the error need not', async () => {
    const told: (number | undefined)[] = [];
    const { checker } = await check('{oops\n'.repeat(50), { onProblem: ({ line }) => told.push(line) });
    expect(told).to.deep.equal(Array.from({ length: 50 }, (_, index) => index + 1));
    const error = checker.problems.toError('F', 'x');
    expect(error?.message).to.equal('F has 50 problems; x');
    expect(error?.details).to.deep.equal([]);
    expect(error?.problems).to.have.length(20);
  });

  it('can leave it open in how many batches the requests are sent', async () => {
    const declared = { limits: { requests: 1 } };
    const content = `${request('a')}\n${request('b')}\n`;
    const [one, many] = [
      await check(content, { declared }),
      await check(content, { declared, manyBatches: true }),
    ];
    expect([one, many].map(({ checker }) => checker.problems.total)).to.deep.equal([1, 0]);
    expect(many.checker.beyondLimits().map(({ code }) => code)).to.deep.equal(['too_many_requests']);
  });

  it('ends when it is interrupted', async () => {
    const signal = AbortSignal.abort();
    expect(await thrownBy(() => check(request('a'), { signal }))).to.have.property('name', 'AbortError');
  });

  it('says that the file does not exist', async () => {
    const options = { path: `${path}.none`, provider: fakeProvider(), declaration: declare() };
    const failure = await failureOf(() => checkRequestFile(options));
    expect(failure.message).to.equal(`Cannot read ${path}.none: there is no such file or folder`);
  });
});
