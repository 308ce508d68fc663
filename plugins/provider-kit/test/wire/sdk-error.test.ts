import { expect } from 'chai';
import { ProviderError } from '@instructor-cli/provider-kit';
import { describeNetworkFailure, errorFromSdk, neverSent } from '@instructor-cli/provider-kit/wire';

const context = { provider: 'Acme', credentials: ['ACME_KEY'] };
const failure = (message: string, fields: object = {}, cause?: unknown): Error =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), fields);

describe('what an SDK throws', () => {
  it('passes on our own errors, interruptions and bugs', () => {
    const own = new ProviderError('not_found', 'x');
    const bug = new TypeError('x is not a function');
    const reason = new Error('Ctrl-C');

    expect(errorFromSdk(own, context)).to.equal(own);
    expect(errorFromSdk(bug, context)).to.equal(bug);
    expect(errorFromSdk(failure('aborted'), { ...context, signal: AbortSignal.abort(reason) })).to.equal(
      reason,
    );
    for (const odd of [undefined, null, 'text', 5]) expect(errorFromSdk(odd, context)).to.equal(odd);
  });

  it('is read from the body, a text behind the status, or the status alone', () => {
    const message = (error: Error): string => (errorFromSdk(error, context) as Error).message;

    expect(message(failure('400 x', { status: 400, error: { message: 'the reason' } }))).to.equal(
      'the reason',
    );
    expect(message(failure('400 "the reason"', { status: 400, error: 'the reason' }))).to.equal('the reason');
    expect(message(failure('502 <html>x</html>', { status: 502 }))).to.match(/a web page/);
    expect(message(failure('503 no healthy upstream', { status: 503 }))).to.include('no healthy upstream');
    expect(message(failure('404 status code (no body)', { status: 404 }))).to.equal('Acme answered 404');
  });

  it('is the fault of the other side if the answer is no JSON', () => {
    expect(errorFromSdk(new SyntaxError('Unexpected end'), context)).to.include({ code: 'unavailable' });
  });

  it('is a broken line if the body of an answer stops', () => {
    const terminated = new TypeError('terminated', {
      cause: failure('other side closed', { code: 'UND_ERR_SOCKET' }),
    });

    expect(errorFromSdk(terminated, context)).to.include({
      code: 'network',
      message: 'Acme could not be reached: the connection was cut (UND_ERR_SOCKET)',
    });
  });
});

describe('the sentence about a connection that failed', () => {
  it('is found deep in the causes', () => {
    const error = failure(
      'Connection error.',
      {},
      failure('fetch failed', {}, failure('', { code: 'ECONNREFUSED' })),
    );

    expect(describeNetworkFailure('Acme', error)).to.equal(
      'Acme could not be reached: nothing answers at that address (ECONNREFUSED)',
    );
  });

  it('speaks of time where an SDK only says so by its class', () => {
    class APIConnectionTimeoutError extends Error {}

    expect(describeNetworkFailure('Acme', new APIConnectionTimeoutError('Request timed out.'))).to.equal(
      'Acme could not be reached: no answer came in time',
    );
  });

  it('repeats the innermost words it cannot translate, and survives anything', () => {
    expect(describeNetworkFailure('Acme', failure('outer', {}, failure('self-signed certificate')))).to.equal(
      'Acme could not be reached: self-signed certificate',
    );
    const circular = failure('round');
    circular.cause = circular;
    for (const odd of [circular, undefined, null, 'text', {}, { code: 'constructor' }]) {
      expect(describeNetworkFailure('Acme', odd)).to.match(/^Acme could not be reached: /);
    }
  });
});

describe('whether anything was sent', () => {
  it('is certain for a connection that never stood', () => {
    expect(neverSent(failure('x', {}, failure('', { code: 'ECONNREFUSED' })))).to.equal(true);
    expect(neverSent(failure('x', {}, failure('', { code: 'ETIMEDOUT', syscall: 'connect' })))).to.equal(
      true,
    );
    expect(neverSent(failure('x', {}, failure('', { code: 'EAI_AGAIN', syscall: 'getaddrinfo' })))).to.equal(
      true,
    );
  });

  it('is not known for one that was cut', () => {
    expect(neverSent(failure('x', {}, failure('', { code: 'ECONNRESET', syscall: 'read' })))).to.equal(false);
    expect(neverSent(failure('x', { status: 500 }))).to.equal(false);
  });
});
