import { expect } from 'chai';
import { visible, visibleLines } from '../../src/text/visible.js';

describe('text from elsewhere', () => {
  for (const [what, text, shown] of [
    ['a colour', '\u001B[31mred\u001B[0m', '\\x1b[31mred\\x1b[0m'],
    ['a title of the window', '\u001B]0;x\u0007', '\\x1b]0;x\\x07'],
    ['a one-byte introducer', '\u009B2J', '\\x9b2J'],
    ['a backspace', 'a\bb', 'a\\x08b'],
    ['lines', 'a\r\nb', 'a\\r\\nb'],
    ['separators of lines', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['no character', 'a\0b\u007F', 'a\\x00b\\x7f'],
    ['another direction', '\u202Etxt.exe\u202C', '\\u202etxt.exe\\u202c'],
    ['isolated directions', '\u2066a\u2069', '\\u2066a\\u2069'],
    ['marks of a direction', '\u200Ea\u200Fb\u061Cc', '\\u200ea\\u200fb\\u061cc'],
    ['a byte order mark', '\uFEFFa', '\\ufeffa'],
    ['a tab', 'a\tb', 'a b'],
  ] as const) {
    it(`shows ${what} instead of doing it`, () => {
      expect(visible(text)).to.equal(shown);
    });
  }

  it('stays as it is otherwise', () => {
    const text = 'Zürich — “naïve” 漢字 עברית 👩‍👩‍👧 {"a": [1]} \\n';
    expect(visible(text)).to.equal(text);
  });
});

describe('text of several lines', () => {
  it('keeps its line feeds, and shows all else', () => {
    expect(visibleLines('a\u001b[31m\nb\u202e\n')).to.equal('a\\x1b[31m\nb\\u202e\n');
  });
});
