import { expect } from 'chai';
import { listPages } from '@instructor-cli/provider-kit/wire';
import { collect } from '../support/collect.js';

/** A service with so many batches, and the pages that were asked of it. */
function service(count: number) {
  const ids = Array.from({ length: count }, (_, index) => `b${index}`);
  const asked: [pageSize: number, after: string | undefined][] = [];
  const list = (limit?: number, ignoresAfter = false) =>
    collect(
      listPages({
        limit,
        maxPageSize: 10,
        readItem: (raw) => ({ id: String((raw as { id: string }).id) }),
        fetchPage: async (pageSize, after) => {
          asked.push([pageSize, after]);
          const start = after === undefined || ignoresAfter ? 0 : ids.indexOf(after) + 1;
          const page = ids.slice(start, start + pageSize);
          return { data: page.map((id) => ({ id })), has_more: start + page.length < ids.length };
        },
      }),
    );
  return { asked, list };
}

describe('walking a list page by page', () => {
  it('asks for no more than is wanted', async () => {
    const { asked, list } = service(50);

    expect(await list(25)).to.have.length(25);
    expect(asked).to.deep.equal([
      [10, undefined],
      [10, 'b9'],
      [5, 'b19'],
    ]);
  });

  it('asks once for a full last page, and not at all for nothing', async () => {
    const { asked, list } = service(10);

    expect(await list(10)).to.have.length(10);
    expect(await list(0)).to.have.length(0);
    expect(asked).to.have.length(1);
  });

  it('reads everything there is', async () => {
    const { asked, list } = service(23);

    expect(await list()).to.have.length(23);
    expect(asked).to.have.length(3);
  });

  it('ends with a service that always sends its first page', async () => {
    const { asked, list } = service(15);

    expect(await list(undefined, true)).to.have.length.at.most(20);
    expect(asked).to.have.length.at.most(2);
  });

  it('asks once where there is nothing', async () => {
    const { asked, list } = service(0);

    expect(await list()).to.deep.equal([]);
    expect(asked).to.deep.equal([[10, undefined]]);
  });

  it('passes over what is not wanted, and does not count it', async () => {
    const pages: Record<string, unknown> = {
      start: { data: [{ id: 'a' }, { id: 'x1' }], has_more: true },
      x1: { data: [{ id: 'x2' }, { id: 'b' }, { id: 'c' }], has_more: false },
    };
    const list = listPages({
      limit: 2,
      maxPageSize: 10,
      readItem: (raw) => ((raw as { id: string }).id.startsWith('x') ? undefined : (raw as { id: string })),
      fetchPage: async (_pageSize, after = 'start') => pages[after],
    });

    expect((await collect(list)).map(({ id }) => id)).to.deep.equal(['a', 'b']);
  });
});
