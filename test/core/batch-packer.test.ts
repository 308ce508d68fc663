import { expect } from 'chai';
import { BatchPacker, type BatchLimits } from '../../src/core/batch-packer.js';

function pack(limits: BatchLimits, requests: [bytes: number, tokens: number, group?: string][]): BatchPacker {
  const packer = new BatchPacker(limits);
  for (const request of requests) packer.add(...request);
  return packer;
}

describe('the batches that requests take', () => {
  const four: [number, number][] = [[10, 5], [10, 5], [10, 5], [10, 5]]; // prettier-ignore

  it('are one where nothing is limited, and none for no request', () => {
    expect(pack({}, four).batches).to.equal(1);
    expect(pack({}, []).batches).to.equal(0);
  });

  it('are filled in order, by requests, bytes or tokens', () => {
    expect(pack({ requests: 4 }, four).batches).to.equal(1);
    expect(pack({ requests: 3 }, four).batches).to.equal(2);
    expect(pack({ bytes: 19 }, four).batches).to.equal(4);
    expect(pack({ bytes: 20, tokens: 100 }, four).batches).to.equal(2);
    expect(pack({ tokens: 15 }, four).batches).to.equal(2);
  });

  it('are one for each group at least', () => {
    const mixed: [number, number, string][] = [[1, 1, 'a'], [1, 1, 'b'], [1, 1, 'a'], [1, 1, 'a']]; // prettier-ignore
    expect(pack({ requests: 10 }, mixed).batches).to.equal(2);
    expect(pack({ requests: 2 }, mixed).batches).to.equal(3);
  });

  it('hold a request alone that is too large', () => {
    const packer = pack({ tokens: 4 }, [...four, [1, 4]]);
    expect([packer.batches, packer.tooLarge]).to.deep.equal([5, 4]);
  });
});
