import { expect } from 'chai';
import { sendSource } from '@instructor-cli/provider-kit/wire';
import { caught, providerError } from '../support/caught.js';
import { collectText } from '../support/collect.js';
import { requestSource } from '../support/request-source.js';

describe('sending a request file', () => {
  it('hands it over as it is', async () => {
    const source = requestSource([{ a: 1 }, { b: 2 }]);

    expect(await sendSource(source, collectText)).to.equal(source.text);
  });

  for (const difference of [-1, 1]) {
    it(`stops at a file that is ${difference < 0 ? 'longer' : 'shorter'} than announced`, async () => {
      const source = requestSource([{ a: 1 }]);
      const error = await providerError(
        sendSource({ ...source, bytes: source.bytes + difference }, collectText),
      );

      expect(error.code).to.equal('invalid_request');
      expect(error.message).to.match(/changed while it was being sent/);
    });
  }

  it('throws what reading threw, whatever the call makes of it', async () => {
    const failure = Object.assign(new Error('gone'), { code: 'ENOENT' });
    const source = requestSource([{}]);
    source.open = () => {
      throw failure;
    };

    const error = await caught(
      sendSource(source, (chunks) =>
        collectText(chunks).catch((cause: unknown) => {
          throw new Error('fetch failed', { cause });
        }),
      ),
    );
    expect(error).to.equal(failure);
  });
});
