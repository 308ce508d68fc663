import { expect } from 'chai';
import { isHashedId, SafeIds } from '../../src/core/safe-ids.js';

const PATTERNS = { OpenAI: '^.{1,64}$', Anthropic: '^[a-zA-Z0-9_-]{1,64}$' };

const NASTY = [
  'plain-1',
  'with space',
  'a/b',
  'ü',
  '\ufffd',
  '🙂',
  'line\nfeed',
  '\u0000',
  '_x_',
  '_x_a_20b',
  '_x__78_79',
  '_h_',
  `_h_${'a'.repeat(43)}`,
  'A_20B',
  'a b',
  'a_20b',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(5000),
  'ü'.repeat(64),
  ' ',
  '-',
  '_',
];

describe('ids that a provider takes', () => {
  for (const [name, pattern] of Object.entries(PATTERNS)) {
    const ids = new SafeIds(pattern);

    it(`stand for any id at ${name}, are all different, and can be turned back`, () => {
      const safe = NASTY.map((id) => ids.toSafe(id) ?? '');
      for (const [at, id] of NASTY.entries()) {
        expect(safe[at], JSON.stringify(id)).to.match(new RegExp(pattern));
        if (!isHashedId(safe[at] ?? '')) expect(ids.toOriginal(safe[at] ?? '')).to.equal(id);
      }
      expect(new Set(safe).size).to.equal(NASTY.length);
    });

    it(`stand for no id that has half of a character, at ${name}: such ids would all be one`, () => {
      for (const id of ['\ud800', 'a\ud801', '\udc00b', `${'x'.repeat(100)}\ud800`])
        expect(ids.toSafe(id)).to.equal(undefined);
    });
  }
});
