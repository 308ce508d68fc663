import { inspect } from 'node:util';
import { expect } from 'chai';
import { isProviderError, ProviderError } from '@instructor-cli/provider-kit';

describe('the error of a provider', () => {
  it('is recognised across copies of the kit', () => {
    const foreign = Object.assign(new Error('x'), { code: 'not_found' });
    Object.defineProperty(foreign, Symbol.for('instructor.provider-error'), { value: true });

    expect(isProviderError(foreign)).to.equal(true);
    expect(isProviderError(new ProviderError('network', 'x'))).to.equal(true);
    for (const other of [new Error('x'), { code: 'not_found' }, null, undefined, 'not_found']) {
      expect(isProviderError(other)).to.equal(false);
    }
  });

  it('keeps its facts, and its cause out of JSON', () => {
    const cause = new Error('inner');
    const error = new ProviderError('rate_limited', 'slow', { status: 429, retryAfterSeconds: 3, cause });

    expect(error).to.include({ code: 'rate_limited', message: 'slow', status: 429, retryAfterSeconds: 3 });
    expect(error.cause).to.equal(cause);
    expect(JSON.stringify(error)).not.to.include('inner');
    expect(inspect(error)).to.match(/^ProviderError: slow/);
  });

  it('can be made anew from another one with more facts', () => {
    const lost = new ProviderError('network', 'cut', { requestId: 'req_1', hint: 'old' });
    const told = new ProviderError(lost.code, lost.message, { ...lost, outcomeUnknown: true, hint: 'new' });

    expect(told).to.include({ code: 'network', requestId: 'req_1', hint: 'new', outcomeUnknown: true });
    expect(told.name).to.equal('ProviderError');
  });
});
