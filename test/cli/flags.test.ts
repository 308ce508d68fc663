import { Parser } from '@oclif/core';
import { expect } from 'chai';
import { requireBatchId, secondsFlag, toParams, toRecord } from '../../src/cli/flags.js';
import { failureOf } from '../support/failure-of.js';

describe('the id of a batch', () => {
  it('comes as a flag or as an argument', () => {
    expect(requireBatchId('a', undefined)).to.equal('a');
    expect(requireBatchId(undefined, 'a')).to.equal('a');
    expect(requireBatchId('a', 'a')).to.equal('a');
  });

  it('may not be two', async () => {
    const failure = await failureOf(() => requireBatchId('a', 'b'));
    expect(failure.message).to.equal('--batch-id a contradicts the argument b');
  });

  for (const [flag, argument] of [
    [undefined, undefined],
    ['', undefined],
    [undefined, ''],
  ]) {
    it(`is asked for: ${JSON.stringify([flag, argument])}`, async () => {
      const failure = await failureOf(() => requireBatchId(flag, argument));
      expect(failure).to.include({ kind: 'usage', message: 'Missing required flag batch-id' });
    });
  }
});

describe('pairs', () => {
  it('become an object, the value as it stands', () => {
    expect(toRecord(['a=1', 'b=x=y', 'c=', 'd= e '], 'metadata')).to.deep.equal({
      a: '1',
      b: 'x=y',
      c: '',
      d: ' e ',
    });
    expect(toRecord([], 'metadata')).to.equal(undefined);
    expect(toRecord(undefined, 'metadata')).to.equal(undefined);
  });

  it('may have any key', () => {
    expect(Object.entries(toRecord(['__proto__=x', 'constructor=y'], 'metadata') ?? {})).to.deep.equal([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  for (const pair of ['a', '=a', '']) {
    it(`are refused without a key or a value: "${pair}"`, async () => {
      const failure = await failureOf(() => toRecord([pair], 'metadata'));
      expect(failure.message).to.equal(`--metadata "${pair}" is not of the form key=value`);
    });
  }

  it('are refused when a key comes twice', async () => {
    const failure = await failureOf(() => toRecord(['a=1', 'a=2'], 'metadata'));
    expect(failure.message).to.equal('--metadata a is given twice');
  });
});

describe('parameters', () => {
  it('are refused when one comes twice', async () => {
    const failure = await failureOf(() => toParams(['a.b=1', 'a.c=1', 'a.b=2']));
    expect(failure.message).to.equal('--param a.b is given twice');
  });

  it('are JSON where they look like it, else text', () => {
    const pairs = ['n=0.5', 'b=true', 'z=null', 'l=["a",1]', 'o={"x":1}', 's=hello world', 'q="5"', 'e='];
    expect(toParams(pairs)).to.deep.equal({
      n: 0.5,
      b: true,
      z: null,
      l: ['a', 1],
      o: { x: 1 },
      s: 'hello world',
      q: '5',
      e: '',
    });
  });

  it('reach into objects by dots', () => {
    expect(toParams(['a.b.c=1', 'a.b.d=2', 'a.e=3'])).to.deep.equal({ a: { b: { c: 1, d: 2 }, e: 3 } });
  });

  it('cannot reach what all objects share', async () => {
    expect((await failureOf(() => toParams(['__proto__.x=1']))).kind).to.equal('usage');
    expect((await failureOf(() => toParams(['a.__proto__=1']))).kind).to.equal('usage');
    toParams(['constructor.prototype.x=1', 'toString.call=1']);
    expect({}).not.to.have.property('x');
    expect(typeof Object.prototype.toString.call).to.equal('function');
  });
});

describe('a number of seconds', () => {
  async function parse(text: string): Promise<unknown> {
    const { flags } = await Parser.parse(['--poll', text], { flags: { poll: secondsFlag() } });
    return flags.poll;
  }

  for (const [text, seconds] of [
    ['10', 10],
    ['0.25', 0.25],
    ['86400', 86_400],
  ] as const) {
    it(`may be ${text}`, async () => {
      expect(await parse(text)).to.equal(seconds);
    });
  }

  for (const text of ['0', '-1', 'x', '', 'NaN', 'Infinity', '5s', '86401', '1e10']) {
    it(`may not be "${text}"`, async () => {
      const failure = await failureOf(() => parse(text));
      expect(failure.message).to.contain(`"${text}" is not a number of seconds above 0`);
    });
  }
});
