import { expect } from 'chai';
import nock from 'nock';

/** Lets no test reach the network, and holds every test to the calls it announced. Call it inside a `describe`. */
export function withoutNetwork(): void {
  before(() => nock.disableNetConnect());
  afterEach(() => {
    const pending = nock.pendingMocks();
    nock.cleanAll();
    expect(pending, 'calls that were announced and not made').to.deep.equal([]);
  });
  after(() => nock.enableNetConnect());
}
