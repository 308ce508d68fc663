import { expect } from 'chai';
import { RequestScanner } from '../../src/anthropic/request-scanner.js';

function scan(body: string, chunkSize: number) {
  const bytes = Buffer.from(body);
  const items: unknown[] = [];
  const scanner = new RequestScanner((text) => items.push(JSON.parse(text)));
  for (let at = 0; at < bytes.length; at += chunkSize) scanner.push(bytes.subarray(at, at + chunkSize));
  const places = items.map((_, index) => {
    const { offset, length } = scanner.index.at(index);
    return JSON.parse(bytes.toString('utf8', offset, offset + length)) as unknown;
  });
  return { items, places, rest: scanner.rest };
}

describe('the request scanner', () => {
  const tricky = [
    { custom_id: 'a', params: { text: 'brackets ]}[{ and "quotes\\" and , commas' } },
    { custom_id: 'b', params: { requests: [1, 2, { requests: [] }] } },
    { custom_id: 'ü', params: { text: 'Grüße, 你好 👋 \\' } },
  ];
  const body = { before: { requests: ['not these'] }, requests: tricky, after: ['"requests": [', 'ß'] };

  for (const chunkSize of [1, 2, 3, 7, 64, 10_000]) {
    it(`finds the same requests in chunks of ${chunkSize} bytes`, () => {
      for (const text of [JSON.stringify(body), JSON.stringify(body, null, 2)]) {
        const { items, places, rest } = scan(text, chunkSize);
        expect(items).to.deep.equal(tricky);
        expect(places).to.deep.equal(tricky);
        expect(JSON.parse(rest)).to.have.deep.property('requests', [0, 0, 0]);
      }
    });
  }

  it('keeps nothing of the requests themselves', () => {
    const requests = Array.from({ length: 1000 }, (_, index) => ({
      custom_id: `${index}`,
      params: 'x'.repeat(100),
    }));
    expect(scan(JSON.stringify({ requests }), 4096).rest.length).to.be.lessThan(2100);
  });
});
