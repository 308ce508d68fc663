import { expect } from 'chai';
import { describeConstraint, joinSentences } from '../../src/json-schema/describe.js';
import { mapSchema } from '../../src/json-schema/map-schema.js';
import { modernSchema } from '../../src/json-schema/modern-schema.js';
import { isPlainPattern } from '../../src/json-schema/plain-pattern.js';
import { appendPointer, readPointer } from '../../src/json-schema/pointer.js';
import { schemaName } from '../../src/json-schema/schema-name.js';

describe('JSON Schema helpers', () => {
  it('writes and reads JSON pointers with slashes and tildes', () => {
    const pointer = appendPointer('/properties', 'a/b~c', 0);

    expect(pointer).to.equal('/properties/a~1b~0c/0');
    expect(readPointer({ properties: { 'a/b~c': ['found'] } }, pointer)).to.equal('found');
    expect(readPointer({}, '/constructor/name')).to.equal(undefined);
  });

  it('says constraints in English', () => {
    expect(describeConstraint('minimum', 3)).to.equal('Must be at least 3.');
    expect(describeConstraint('minItems', 1)).to.equal('Must have at least 1 item.');
    expect(describeConstraint('dependentRequired', { a: ['b'] })).to.equal(
      'If "a" is given, so must be "b".',
    );
    expect(describeConstraint('pattern', 'x'.repeat(1000))).to.equal(undefined);
    expect(joinSentences('An age', undefined, 'Must be at least 3.')).to.equal('An age. Must be at least 3.');
  });

  it('changes schemas, but not the values that look like schemas', () => {
    const schema = {
      properties: { a: { type: 'string' } },
      items: [{ type: 'string' }],
      default: { type: 'string' },
    };
    const paths: string[] = [];

    const changed = mapSchema(schema, (part, path) => {
      paths.push(path);
      return part.type === 'string' ? { type: 'number' } : part;
    });

    expect(paths).to.deep.equal(['/items/0', '/properties/a', '']);
    expect(changed).to.deep.equal({
      properties: { a: { type: 'number' } },
      items: [{ type: 'number' }],
      default: { type: 'string' },
    });
  });

  it('brings old drafts up to date', () => {
    expect(modernSchema({ type: 'array', items: [{}], additionalItems: false })).to.deep.equal({
      type: 'array',
      prefixItems: [{}],
      items: false,
    });
    expect(modernSchema({ minimum: 3, exclusiveMinimum: true })).to.deep.equal({ exclusiveMinimum: 3 });
    expect(modernSchema({ type: 'string', enum: ['a'], nullable: true })).to.deep.equal({
      anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }],
    });
  });

  it('makes names that providers accept', () => {
    for (const name of ['Person', 'Personne à côté', '', '__', 'x'.repeat(100), '名前', 'a.b/c']) {
      expect(schemaName(name)).to.match(/^[a-zA-Z0-9_-]{1,64}$/);
    }
    expect(schemaName('My Person')).to.equal('My_Person');
  });

  it('knows the patterns that are not regular', () => {
    for (const pattern of ['^a+$', '^(?:ab|c)[0-9]{2}\\d$', 'a?'])
      expect(isPlainPattern(pattern), pattern).to.equal(true);
    for (const pattern of ['(?=a)', '(?!a)b', '(?<=a)b', '(a)\\1', '\\bword', 'a+?', '(?<n>a)\\k<n>']) {
      expect(isPlainPattern(pattern), pattern).to.equal(false);
    }
  });
});
