import { expect } from 'chai';
import { InputCreator } from '../support/create-input.js';
import { expectFailure } from '../support/expect-failure.js';
import { startWorld, type World } from '../support/world.js';

interface Good {
  content: string | Uint8Array;
  flags?: string[];
  /** What is asked, by row. */
  asked: Record<string, string>;
  says?: RegExp;
}

interface Bad {
  content: string | Uint8Array;
  flags?: string[];
  code?: number;
  says: RegExp;
  /** The lines below the error. */
  lists?: RegExp[];
}

const PROMPT = ['--prompt', '{{ a }}|{{ b }}'];
const ONE = { 'row-1': '1|2' };
const TWO = { ...ONE, 'row-2': '3|4' };
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const megabyte = 'x'.repeat(1024 * 1024);

const GOOD: Record<string, Good> = {
  'begins with a byte order mark': { content: '\ufeffa,b\n1,2\n', asked: ONE },
  'has lines that end in CRLF': { content: 'a,b\r\n1,2\r\n3,4\r\n', asked: TWO },
  'has lines that end in CR': { content: 'a,b\r1,2\r3,4', asked: TWO },
  'has doubled quotes': { content: 'a,b\n"say ""hi""",2\n', asked: { 'row-1': 'say "hi"|2' } },
  'has a lone quote': { content: 'a,b\n5" tall,2\n3,4\n', asked: { 'row-1': '5" tall|2', 'row-2': '3|4' } },
  'has cells over several lines': { content: 'a,b\n"1\n\n1",2\n3,4\n', asked: { 'row-1': '1\n\n1|2', 'row-2': '3|4' } }, // prettier-ignore
  'has delimiters in quotes': { content: 'a,b\n"1,5",2\n', asked: { 'row-1': '1,5|2' } },
  'is separated by semicolons': { content: 'a;b\n1,5;2\n', asked: { 'row-1': '1,5|2' } },
  'is separated as named': { content: 'a:b\n1:2\n', flags: ['--delimiter', ':'], asked: ONE },
  'says how it is separated': { content: 'sep=;\na;b\n1;2\n', asked: ONE },
  'has blank lines': { content: '\na,b\n\n1,2\n  \n3,4\n\n', asked: TWO },
  'has a cell of a megabyte': { content: `a,b\n"${megabyte}",2\n3,4\n`, asked: { 'row-1': `${megabyte}|2`, 'row-2': '3|4' } }, // prettier-ignore
  'has NUL characters': { content: 'a,b\n1\0,2\n', asked: { 'row-1': '1\0|2' } },
  'is in UTF-16': { content: Buffer.from('\ufeffa,b\nü,😀\n', 'utf16le'), asked: { 'row-1': 'ü|😀' } },
  'is in UTF-16, the large end first': { content: utf16be('\ufeffa,b\n1,2\n'), asked: ONE },
  'is in windows-1252': { content: Buffer.from('a,b\nM\xfcller,\x80\n', 'latin1'), flags: ['--input-encoding', 'windows-1252'], asked: { 'row-1': 'Müller|€' } }, // prettier-ignore
  'has a column without a name': { content: 'a,b,\n1,2,3\n', asked: ONE, says: /column_3/ },
  'has blanks around names': { content: ' a , b \n1,2\n', asked: ONE },
  'has templates in its cells': {
    content: 'a,b\n{{ b }},{% if %}\n',
    asked: { 'row-1': '{{ b }}|{% if %}' },
  },
  'has formulas in its cells': { content: 'a,b\n=1+1,@x\n', asked: { 'row-1': '=1+1|@x' } },
  'has columns named like things of the language': {
    content: 'constructor,__proto__,size\n1,2,3\n',
    flags: ['--prompt', '{{ constructor }}{{ row["__proto__"] }}{{ size }}', '--where', '__proto__ == 2'],
    asked: { 'row-1': '123' },
  },
  'has a column named row': {
    content: 'row,b\n1,2\n',
    flags: ['--prompt', '{{ row }}{{ b }}', '--where', 'row == 1'],
    asked: { 'row-1': '12' },
  },
};

const BAD: Record<string, Bad> = {
  'is empty': { content: '', says: /FILE is empty: there is no header/ },
  'has blank lines only': { content: '\n\n', says: /FILE is empty/ },
  'has a header only': { content: 'a,b\n', says: /FILE has a problem/, lists: [/FILE: there is no request/] },
  'has ragged rows': {
    content: 'a,b\n1\n1,2,3\n1,2\n',
    says: /FILE has 2 problems; nothing was written/,
    lists: [/FILE:2: has 1 cell, the header has 2/, /FILE:3: has 3 cells, the header has 2/],
  },
  'has a quote that is never closed': { content: 'a,b\n1,2\n"x,y\n3,4\n', says: /FILE, line 3: a quote/ },
  'has a name twice': { content: 'a,b,a\n1,2,3\n', says: /FILE: the header has "a" twice/ },
  'is not UTF-8': {
    content: Buffer.from('a,b\nM\xfcller,2\n', 'latin1'),
    says: /FILE, line 2: not valid UTF-8/,
  },
  'is a workbook': { content: 'PK\x03\x04....', code: 2, says: /workbook/ },
  'has only prompts without words': {
    content: 'a,b\n" ",""\n',
    says: /FILE has a problem/,
    lists: [/FILE:2: the prompt is empty: nothing in "a", "b"/],
  },
  'lacks the column of a prompt': {
    content: 'a,c\n1,2\n',
    code: 2,
    says: /--prompt names "b", but FILE has no/,
  },
};

describe('batch create --input: a CSV', () => {
  let world: World;
  let create: InputCreator;
  let number = 0;

  before(async () => {
    world = await startWorld();
    create = new InputCreator(world);
  });
  after(() => world.close());

  for (const [what, { content, flags = [], asked, says }] of Object.entries(GOOD)) {
    it(`is right if it ${what}`, async () => {
      const file = `good-${(number += 1)}.csv`;
      await world.write(file, content);
      const all = flags.includes('--prompt') ? flags : [...PROMPT, ...flags];
      const result = await create.run(file, [...all, '--output-file', `${file}.jsonl`]);
      expect(result.code, result.stderr).to.equal(0);
      if (says) expect(result.stderr).to.match(says);
      expect(await create.prompts(file, all)).to.deep.equal(asked);
    });
  }

  for (const [what, { content, flags = [], code = 1, says, lists = [] }] of Object.entries(BAD)) {
    it(`is refused with words if it ${what}`, async () => {
      const file = `bad-${(number += 1)}.csv`;
      await world.write(file, content);
      const named = ({ source }: RegExp): RegExp => new RegExp(source.replaceAll('FILE', file));
      const result = await create.run(file, [...PROMPT, ...flags, '--output-file', 'never.jsonl']);
      expectFailure(result, { code, says: named(says) });
      for (const line of lists) expect(result.stderr).to.match(named(line));
      expect((await world.files()).filter((name) => name.includes('never'))).to.deep.equal([]);
    });
  }

  it('gives a row the same id whatever is chosen of it, and whenever', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => `t${at},${at}`);
    await world.write('stable.csv', `a,b\n${rows.join('\n')}\n`);
    const all = await create.prompts('stable.csv', PROMPT);
    const some = await create.prompts('stable.csv', [...PROMPT, '--where', 'b >= 10', '--sample', '5']);
    for (const [id, prompt] of Object.entries(some)) expect(all[id]).to.equal(prompt);
    expect(await create.prompts('stable.csv', PROMPT)).to.deep.equal(all);
  });
});
