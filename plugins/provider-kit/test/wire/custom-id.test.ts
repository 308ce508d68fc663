import { expect } from 'chai';
import { customIdAtStart } from '@instructor-cli/provider-kit/wire';

describe('the custom id at the start of a line', () => {
  it('is found first, behind an id, and with spaces around', () => {
    expect(customIdAtStart('{"custom_id":"a-1","method":"POST"}')).to.equal('a-1');
    expect(customIdAtStart('{"id": "batch_req_1", "custom_id": "a-1", "response": null}')).to.equal('a-1');
    expect(customIdAtStart(' { "custom_id" : "ä" }')).to.equal('ä');
  });

  it('is left to the parser where a quick look could be wrong', () => {
    for (const line of [
      '{"custom_id":"a\\u0020b"}',
      '{"custom_id":5}',
      '{"custom_id":""}',
      '{"body":{"custom_id":"inner"},"custom_id":"outer"}',
      '{"id":"say \\"custom_id\\":\\"x\\"","custom_id":"real"}',
      `{"custom_id":"${'x'.repeat(600)}"}`,
      '["custom_id","a"]',
      'custom_id',
      '',
    ]) {
      expect(customIdAtStart(line), line).to.equal(undefined);
    }
  });
});
