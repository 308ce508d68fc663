import { expect } from 'chai';
import {
  openaiBatchObject,
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../support/faulty-server.js';
import { runInstructor } from '../support/run-instructor.js';
import { envFor } from '../support/world.js';

const COUNT = 1000;

/** Newest first, as services list them. */
const OPENAI = Array.from({ length: COUNT }, (_, index) =>
  openaiBatchObject({ id: `batch_${index}`, created_at: 1_750_000_000 - index }),
);
const ANTHROPIC = Array.from({ length: COUNT }, (_, index) => ({
  id: `msgbatch_${index}`,
  type: 'message_batch',
  processing_status: 'ended',
  created_at: new Date(1_750_000_000_000 - index * 1000).toISOString(),
  ended_at: new Date(1_750_000_100_000).toISOString(),
  request_counts: { processing: 0, succeeded: 2, errored: 0, canceled: 0, expired: 0 },
  results_url: null,
}));

interface Listed {
  status?: unknown;
  id?: unknown;
}

/** One page of a list, as both services cut it. */
function page(all: readonly Listed[], url: URL, after: string): Record<string, unknown> {
  const limit = Number(url.searchParams.get('limit') ?? 20);
  const behind = url.searchParams.get(after);
  const start = behind === null ? 0 : all.findIndex(({ id }) => id === behind) + 1;
  const data = all.slice(start, start + limit);
  return { object: 'list', data, has_more: start + limit < all.length, last_id: data.at(-1)?.id };
}

describe('the number of requests', () => {
  let server: FaultyServer;
  let env: Record<string, string>;
  /** Batches of OpenAI in the state in which the next look finds them. */
  let openai: Listed[];
  let beforeAnswer: (url: URL) => Promise<void>;

  beforeEach(async () => {
    openai = OPENAI;
    beforeAnswer = () => Promise.resolve();
    server = await startFaultyServer(async (request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      await beforeAnswer(url);
      const id = url.pathname.split('/').at(-1);
      if (url.pathname === '/v1/batches') return sendJson(response, 200, page(openai, url, 'after'));
      if (url.pathname === '/v1/messages/batches')
        return sendJson(response, 200, page(ANTHROPIC, url, 'after_id'));
      const batch = openai.find((candidate) => candidate.id === id);
      if (batch) return sendJson(response, 200, batch);
      sendJson(response, 404, { error: { message: `No batch found with id '${id}'.`, code: 'not_found' } });
    });
    env = envFor(server.url);
  });
  afterEach(() => server.close());

  const requested = (): string[] => server.requests.map(({ method, url }) => `${method} ${url}`);

  it('of a long list is that of the largest pages that OpenAI gives', async () => {
    const { code, stdout } = await runInstructor(['batch', 'list', '--limit', '1000', '--json'], { env });
    expect(code).to.equal(0);
    expect((JSON.parse(stdout) as { batches: unknown[] }).batches).to.have.length(COUNT);
    expect(requested()).to.deep.equal([
      'GET /v1/batches?limit=100',
      ...Array.from({ length: 9 }, (_, index) => `GET /v1/batches?limit=100&after=batch_${index * 100 + 99}`),
    ]);
  });

  it('of a long list is one at Anthropic, whose pages are larger', async () => {
    const args = ['batch', 'list', '--limit', '1000', '--provider', 'anthropic', '--json'];
    const { code, stdout } = await runInstructor(args, { env });
    expect(code).to.equal(0);
    expect((JSON.parse(stdout) as { batches: unknown[] }).batches).to.have.length(COUNT);
    expect(requested()).to.deep.equal(['GET /v1/messages/batches?limit=1000']);
  });

  it('of a short list is one, for no more than is shown', async () => {
    await runInstructor(['batch', 'list', '--limit', '5'], { env });
    expect(requested()).to.deep.equal(['GET /v1/batches?limit=5']);
  });

  it('of all providers is one each, at the same time', async () => {
    // Nobody is answered before both have asked.
    let asked = 0;
    let bothAsked = (): void => undefined;
    const both = new Promise<void>((resolve) => (bothAsked = resolve));
    beforeAnswer = async () => {
      asked += 1;
      if (asked === 2) bothAsked();
      await both;
    };
    const { code } = await runInstructor(['batch', 'list', '--all-providers', '--limit', '5'], {
      env,
      timeoutMs: 20_000,
    });
    expect(code).to.equal(0);
    expect(requested().sort()).to.deep.equal(['GET /v1/batches?limit=5', 'GET /v1/messages/batches?limit=5']);
  });

  describe('while waiting', () => {
    const wait = (ids: string[]) =>
      runInstructor(['batch', 'wait', ...ids, '--poll', '0.05', '--json'], { env });
    const idsOf = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => `batch_${from + index}`);

    it('for 50 batches is one page a look, not 50 single ones', async () => {
      let looks = 0;
      beforeAnswer = async () => {
        looks += 1;
        const status = looks === 1 ? 'in_progress' : 'completed';
        openai = OPENAI.map((batch) => ({ ...batch, status }));
      };
      const { code, stdout } = await wait(idsOf(10, 60));
      expect(code).to.equal(0);
      expect((JSON.parse(stdout) as { batches: { id: string }[] }).batches.map(({ id }) => id)).to.deep.equal(
        idsOf(10, 60),
      );
      expect(requested()).to.deep.equal(['GET /v1/batches?limit=100', 'GET /v1/batches?limit=100']);
    });

    it('for one old batch among new ones is a page and a single one', async () => {
      const { code } = await wait([...idsOf(0, 5), 'batch_900']);
      expect(code).to.equal(0);
      expect(requested()).to.deep.equal(['GET /v1/batches?limit=100', 'GET /v1/batches/batch_900']);
    });

    it('for a few batches is one each', async () => {
      const { code } = await wait(idsOf(0, 3));
      expect(code).to.equal(0);
      expect(requested().sort()).to.deep.equal(idsOf(0, 3).map((id) => `GET /v1/batches/${id}`));
    });
  });
});
