import { expect } from 'chai';
import { ExactNumber, parseExactly, stringifyExactly } from '../../src/rows/exact-number.js';

describe('numbers of JSON', () => {
  const KEPT = [
    '9007199254740993',
    '-12345678901234567890',
    '0.12345678901234567890123',
    '1e400',
    '-1.0E+1000',
    '{"a":[12345678901234567890,{"b":98765432109876543210}]}',
    String.raw`{"12345678901234567890":"12345678901234567890","q\"":"\\","c":12345678901234567890}`,
    '{"__proto__":12345678901234567890}',
  ];
  for (const text of KEPT) {
    it(`are written as they were read: ${text}`, () => {
      expect(stringifyExactly(parseExactly(text))).to.equal(text);
    });
  }

  it('are ordinary numbers where nothing is lost', () => {
    for (const text of ['1', '1.50', '9007199254740991', '3.141592653589793', '1e3', '0.30000000000000004'])
      expect(parseExactly(text)).to.equal(Number(text));
    const text = `{"text":"12345678901234567890","long":"${'9'.repeat(1000)}"}`;
    expect(parseExactly(text)).to.deep.equal(JSON.parse(text));
  });

  it('are found behind texts of any size', () => {
    const text = `{"a":"${String.raw`\"x\\`.repeat(300_000)}","b":12345678901234567890}`;
    expect(stringifyExactly(parseExactly(text))).to.equal(text);
  });

  it('are refused where JSON.parse refuses them', () => {
    for (const text of [
      '012345678901234567890',
      '12345678901234567890.',
      '{"a":12345678901234567890',
      '"1234567890123456',
    ])
      expect(() => parseExactly(text)).to.throw(SyntaxError);
  });

  it('are texts for whoever knows nothing of them, and compare as numbers and as texts', () => {
    const number = new ExactNumber('12345678901234567890');
    expect(JSON.stringify({ number })).to.equal('{"number":"12345678901234567890"}');
    expect(String(number)).to.equal('12345678901234567890');
    expect(number.gt(5) && number.geq(5) && !number.lt(5) && !number.leq(5)).to.equal(true);
    expect(number.equals('12345678901234567890') && !number.equals('12345678901234567891')).to.equal(true);
  });

  it('leave a text alone that looks like one of them', () => {
    const value = { text: '"exact-number:1"', number: new ExactNumber('12345678901234567890') };
    expect(stringifyExactly(value)).to.equal('{"text":"\\"exact-number:1\\"","number":12345678901234567890}');
  });
});
