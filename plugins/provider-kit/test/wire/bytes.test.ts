import { expect } from 'chai';
import { bytesOf } from '@instructor-cli/provider-kit/wire';
import { collect, collectText } from '../support/collect.js';

describe('reading a body', () => {
  it('gives all of it, and nothing for an answer without one', async () => {
    expect(await collectText(bytesOf(new Response('whole').body))).to.equal('whole');
    expect(await collect(bytesOf(null))).to.deep.equal([]);
  });

  it('gives the connection back when the reader leaves early', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1)),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const chunk of bytesOf(body)) {
      expect(chunk).to.have.length(1);
      break;
    }
    expect(cancelled).to.equal(true);
  });
});
