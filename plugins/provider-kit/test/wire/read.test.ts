import { expect } from 'chai';
import { asDate, asNumber, asRecord, asText, asTextMap } from '@instructor-cli/provider-kit/wire';

describe('reading single values of an answer', () => {
  it('reads times as seconds, as text, as milliseconds and as ISO dates', () => {
    const expected = '2024-03-26T16:37:44.000Z';

    for (const time of [1711471064, '1711471064', 1711471064000, '2024-03-26T16:37:44Z']) {
      expect(asDate(time)?.toISOString(), JSON.stringify(time)).to.equal(expected);
    }
  });

  it('takes what is no time for an absent one', () => {
    for (const time of [null, undefined, 0, '0', -5, '', 'soon', 1e300, '1e300', {}, [], true]) {
      expect(asDate(time), JSON.stringify(time)).to.equal(undefined);
    }
  });

  it('reads numbers that come as text, and nothing else', () => {
    expect(asNumber('12')).to.equal(12);
    expect(asNumber(0)).to.equal(0);
    for (const value of [null, '', ' ', 'twelve', Number.NaN, 'Infinity', {}]) {
      expect(asNumber(value), JSON.stringify(value)).to.equal(undefined);
    }
  });

  it('takes an empty text for none, and a list for no object', () => {
    expect(asText('')).to.equal(undefined);
    expect(asRecord([])).to.equal(undefined);
    expect(asRecord(null)).to.equal(undefined);
  });

  it('keeps metadata that is not text as JSON, and takes an empty one for none', () => {
    expect(asTextMap({ a: 'x', b: 1, c: null })).to.deep.equal({ a: 'x', b: '1', c: 'null' });
    expect(asTextMap({})).to.equal(undefined);
    expect(asTextMap(null)).to.equal(undefined);
  });
});
