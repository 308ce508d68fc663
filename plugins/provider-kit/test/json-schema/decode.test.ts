import { expect } from 'chai';
import { createDecoder } from '../../src/json-schema/decode.js';

const text = { type: 'string' };

describe('decoding answers', () => {
  it('turns the null of an optional property into absence, and keeps null where the schema has it', () => {
    const decode = createDecoder({
      type: 'object',
      properties: {
        a: text,
        b: { type: ['string', 'null'] },
        c: { anyOf: [text, { type: 'null' }] },
        d: { enum: ['x', null] },
        e: text,
      },
      required: ['e'],
    });

    expect(decode({ a: null, b: null, c: null, d: null, e: null })).to.deep.equal({
      b: null,
      c: null,
      d: null,
      e: null,
    });
  });

  it('reaches into properties, items, tuples, references and recursion', () => {
    const decode = createDecoder({
      type: 'object',
      properties: {
        list: { type: 'array', items: { $ref: '#/$defs/Item' } },
        pair: {
          type: 'array',
          prefixItems: [{ $ref: '#/$defs/Item' }, { type: 'object', properties: { z: text } }],
        },
      },
      $defs: { Item: { type: 'object', properties: { x: text, next: { $ref: '#/$defs/Item' } } } },
    });

    const answer = {
      list: [{ x: null, next: { x: 'a', next: { x: null, next: null } } }],
      pair: [{ x: null }, { z: null }],
    };
    expect(decode(answer)).to.deep.equal({ list: [{ next: { x: 'a', next: {} } }], pair: [{}, {}] });
  });

  it('does not change the answer it is given, and returns the same one if nothing is to be done', () => {
    const decode = createDecoder({
      type: 'object',
      properties: { a: text, b: { type: 'object', properties: { c: text } } },
    });
    const answer = Object.freeze({ a: 'x', b: Object.freeze({ c: null }) });

    expect(decode(answer)).to.deep.equal({ a: 'x', b: {} });
    const complete = { a: 'x', b: { c: 'y' } };
    expect(decode(complete)).to.equal(complete);
  });

  it('chooses a branch by its constants', () => {
    const branch = (kind: string, x: unknown) => ({
      type: 'object',
      properties: { kind: { const: kind }, x },
      required: ['kind'],
    });
    const decode = createDecoder({ anyOf: [branch('a', text), branch('b', { type: ['string', 'null'] })] });

    expect(decode({ kind: 'a', x: null })).to.deep.equal({ kind: 'a' });
    expect(decode({ kind: 'b', x: null })).to.deep.equal({ kind: 'b', x: null });
  });

  it('chooses a branch by its keys', () => {
    const decode = createDecoder({
      anyOf: [
        { type: 'object', properties: { a: text, x: text }, required: ['a'] },
        { type: 'object', properties: { b: text, x: { type: ['string', 'null'] } }, required: ['b'] },
      ],
    });

    expect(decode({ a: 'a', x: null })).to.deep.equal({ a: 'a' });
    expect(decode({ b: 'b', x: null })).to.deep.equal({ b: 'b', x: null });
  });

  it('leaves an answer as it is if a branch accepts it like that', () => {
    const decode = createDecoder({
      anyOf: [
        { type: 'object', properties: { a: text } },
        { type: 'object', properties: { a: { type: ['string', 'null'] } }, required: ['a'] },
      ],
    });

    expect(decode({ a: null })).to.deep.equal({ a: null });
  });

  it('unwraps the root, if it is wrapped', () => {
    const decode = createDecoder({ type: 'array', items: text }, { wrappedUnder: 'result' });

    expect(decode({ result: ['a'] })).to.deep.equal(['a']);
    expect(decode(['a'])).to.deep.equal(['a']);
  });

  it('never throws, whatever it is given', () => {
    const decode = createDecoder({
      type: 'object',
      properties: {
        a: { type: 'array', items: { type: 'object', properties: { b: text } } },
        self: { $ref: '#' },
      },
    });
    let deep: unknown = {};
    for (let level = 0; level < 100_000; level += 1) deep = { self: deep };

    for (const answer of [undefined, null, 3, 'x', [], { a: 3 }, { a: [null, 3, { b: {} }] }, { self: [] }]) {
      expect(decode(answer)).to.deep.equal(answer);
    }
    expect(decode(deep)).to.equal(deep);
    expect(
      createDecoder({ anyOf: [{ $ref: '#' }, { type: 'object', properties: { a: text } }] })({ a: null }),
    ).to.be.an('object');
  });

  it('treats a property called __proto__ like any other', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"object","properties":{"a":{"type":"string"}}},"b":{"type":"string"}}}',
    );

    const decoded = createDecoder(schema)(JSON.parse('{"__proto__":{"a":null},"b":null}'));

    expect(JSON.stringify(decoded)).to.equal('{"__proto__":{}}');
    expect(Object.getPrototypeOf(decoded)).to.equal(Object.prototype);
  });
});
