import { expect } from 'chai';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';
import { createTokenCounter, type TokenCounter } from '../../src/core/count-tokens.js';

const TEXTS = [
  '',
  ' ',
  'Hello, world!',
  "We've said it's fine; THEY'LL SAY IT'S NOT.",
  '  indented\n\n\tcode(x) { return x ** 2; } // done\r\n',
  'prices: 1234567.89, 0x1f, 50%',
  'Grüße aus Köln: „schön“, naïve café',
  '请把这封邮件分类。今天的天气很好，我们去公园。',
  'これはテストです。 안녕하세요 세계',
  '😀 family: 👨‍👩‍👧‍👦 flags 🇩🇪🇫🇷',
  'https://example.com/a/b?c=d&e=%20f#g',
  '{"label":"a","list":[1,2,{"x":null}]}',
  'e\u0301 combining, \ud83d lonely surrogate',
  'ß'.repeat(40),
];

/** Texts of every kind of character, the same in every run. */
function* oddTexts(): Generator<string> {
  let seed = 7;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
  const kinds = [
    () => String.fromCharCode(Math.floor(random() * 128)),
    () => String.fromCodePoint(Math.floor(random() * 0x3000)),
    () => String.fromCodePoint(0x1f300 + Math.floor(random() * 900)),
    () => ["'s", "'LL", '\r\n', '  ', '123', 'word '][Math.floor(random() * 6)] ?? '',
  ];
  for (let round = 0; round < 3000; round += 1) {
    const size = Math.floor(random() * 40);
    const ascii = round % 2 === 0;
    yield Array.from({ length: size }, () => kinds[ascii ? 0 : Math.floor(random() * 4)]?.()).join('');
  }
}

for (const [encoding, library] of [
  ['o200k_base', o200k],
  ['cl100k_base', cl100k],
] as const) {
  describe(`counting tokens of ${encoding}`, function () {
    this.timeout(60_000);
    let count: TokenCounter;
    before(async () => (count = await createTokenCounter({ match: '', encoding })));

    it('finds as many as the tokenizer library, in any script', () => {
      for (const text of [...TEXTS, ...oddTexts()]) {
        const expected = library.countTokens(text, { disallowedSpecial: new Set() });
        expect(count(text), JSON.stringify(text)).to.equal(expected);
      }
    });

    it('takes what looks like a special token for text', () => {
      for (const text of ['<|endoftext|>', 'a<|endoftext|>b', '<|im_start|>system<|im_end|>']) {
        expect(count(text), text).to.be.greaterThan(3);
      }
    });

    for (const [name, text] of Object.entries({
      'one letter': 'a'.repeat(1e6),
      'no blanks': 'abcdefghijklmnopqrstuvwxyzöß'.repeat(40_000),
      blanks: ' '.repeat(1e6),
      'line feeds': '\n'.repeat(1e6),
      dashes: '-'.repeat(1e6),
      emoji: '😀'.repeat(300_000),
      "'s": "'s".repeat(500_000),
      'combined letters': 'e\u0301'.repeat(500_000),
    })) {
      it(`takes a megabyte of ${name} in a moment`, function () {
        this.timeout(15_000);
        expect(count(text)).to.be.greaterThan(5000);
      });
    }

    it('is nearly exact where a long run is cut', () => {
      const run = Array.from({ length: 3000 }, (_, index) =>
        String.fromCharCode(97 + ((index * index * 31) % 26)),
      ).join('');
      const exact = library.countTokens(run);
      expect(count(run)).to.be.within(exact, exact * 1.02);
    });
  });
}

describe('counting tokens', () => {
  it('multiplies by the factor of a model whose tokenizer is not public', async () => {
    const [plain, more] = await Promise.all(
      [1, 1.5].map((factor) => createTokenCounter({ match: '', encoding: 'o200k_base', factor })),
    );
    expect(more?.('Say hello to everybody.')).to.equal((plain?.('Say hello to everybody.') ?? 0) * 1.5);
  });
});
