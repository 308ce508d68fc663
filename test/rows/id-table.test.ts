import { expect } from 'chai';
import { IdTable } from '../../src/rows/id-table.js';

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}

const LETTERS = [...'abcXYZ019_-.äß漢字😀\u0000\uD800 '];

function sampleIds(count: number): string[] {
  const random = seeded(42);
  const letter = (): string => LETTERS[Math.floor(random() * LETTERS.length)] ?? '';
  return Array.from({ length: count }, (_, index) => {
    switch (index % 5) {
      case 0:
        return `request-${index}`;
      case 1:
        return `request-${index - 1}${random() < 0.5 ? '' : ' '}`;
      case 2:
        return `${'0'.repeat(index % 60)}${index}`;
      case 3:
        return String.fromCharCode(index % 0xffff, Math.floor(random() * 0xffff));
      default:
        return Array.from({ length: 1 + Math.floor(random() * 12) }, letter).join('');
    }
  });
}

describe('the table of ids', () => {
  it('numbers 200,000 ids of all sorts like a Map does', function () {
    this.timeout(30_000);
    const table = new IdTable();
    const map = new Map<string, number>();
    let wrong = 0;
    for (const id of sampleIds(200_000)) {
      const known = map.get(id);
      const expected = known === undefined ? map.size : -1 - known;
      if (known === undefined) map.set(id, map.size);
      if (table.add(id) !== expected) wrong += 1;
    }
    for (const [id, number] of map) if (table.find(id) !== number) wrong += 1;
    expect(wrong).to.equal(0);
    expect(table.size).to.equal(map.size);
    expect(map.size).to.be.greaterThan(150_000);
  });

  it('does not find what was not added, however near it is', () => {
    const table = new IdTable();
    for (let number = 0; number < 50_000; number += 1) table.add(`row-${number}`);
    let found = 0;
    for (let number = 0; number < 50_000; number += 1) {
      for (const near of [`Row-${number}`, `row-${number} `, `row_${number}`, `row-0${number}`]) {
        if (table.find(near) !== -1) found += 1;
      }
    }
    expect(found).to.equal(0);
  });

  it('takes the empty id as one like any other', () => {
    const table = new IdTable();
    expect(table.find('')).to.equal(-1);
    expect(table.add('')).to.equal(0);
    expect(table.add('')).to.equal(-1);
    expect(table.find('')).to.equal(0);
  });
});
