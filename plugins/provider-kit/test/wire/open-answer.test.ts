import { expect } from 'chai';
import { openAnswer, openedFrom, rangeHeaders } from '@instructor-cli/provider-kit/wire';
import { providerError } from '../support/caught.js';
import { collectText } from '../support/collect.js';

const answer =
  (status: number, headers: Record<string, string>, body = 'rest') =>
  async () =>
    new Response(body, { status, headers });

describe('opening a file', () => {
  it('asks for a range only where there is an offset', () => {
    expect(rangeHeaders({})).to.deep.equal({});
    expect(rangeHeaders({ offset: 0, ifRange: '"v1"' })).to.deep.equal({});
    expect(rangeHeaders({ offset: 9, ifRange: '"v1"' })).to.deep.equal({
      range: 'bytes=9-',
      'if-range': '"v1"',
    });
  });

  it('knows where a part starts, how long the whole is and which version it has', async () => {
    const opened = await openAnswer(
      'Acme',
      { offset: 6 },
      answer(206, { 'content-range': 'bytes 6-9/10', etag: '"v1"' }),
    );

    expect(opened).to.include({ offset: 6, totalBytes: 10, validator: '"v1"' });
    expect(await collectText(opened.stream)).to.equal('rest');
  });

  it('starts at 0 if the server sends all of it', async () => {
    const opened = await openAnswer('Acme', { offset: 6 }, answer(200, { 'content-length': '4' }));

    expect(opened).to.include({ offset: 0, totalBytes: 4 });
  });

  it('knows no length of what was compressed on the way, and no version that is only similar', () => {
    const opened = openedFrom(
      new Response('x', { headers: { 'content-length': '1', 'content-encoding': 'gzip', etag: 'W/"v1"' } }),
    );

    expect(opened).not.to.have.any.keys('totalBytes', 'validator');
  });

  for (const [what, headers] of [
    ['does not say where it starts', {}],
    ['starts behind the byte that was asked for', { 'content-range': 'bytes 8-9/10' }],
  ] as const) {
    it(`refuses a part that ${what}`, async () => {
      const error = await providerError(openAnswer('Acme', { offset: 6 }, answer(206, headers)));

      expect(error.code).to.equal('unavailable');
      expect(error.message).to.match(/part of the file/);
    });
  }

  it('takes a refusal of what lies behind the end for the end', async () => {
    const refusal = (length: number) => async () => {
      throw Object.assign(new Error(), {
        status: 416,
        headers: new Headers({ 'content-range': `bytes */${length}` }),
      });
    };
    const opened = await openAnswer('Acme', { offset: 10, ifRange: '"v1"' }, refusal(10));

    expect(opened).to.include({ offset: 10, totalBytes: 10, validator: '"v1"' });
    expect(await collectText(opened.stream)).to.equal('');
    const shorter = await openAnswer('Acme', { offset: 10 }, refusal(4)).catch((error: unknown) => error);
    expect(shorter).to.have.property('status', 416);
  });

  it('refuses a web page', async () => {
    const error = await providerError(
      openAnswer('Acme', {}, answer(200, { 'content-type': 'text/html; charset=utf-8' }, '<html>')),
    );

    expect(error.message).to.equal('Acme answered with a web page instead of a file');
  });
});
