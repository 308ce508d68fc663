import type { Fault } from '@instructor-cli/sandbox';
import { expect } from 'chai';
import {
  goesWell,
  PROVIDERS,
  startFaultWorld,
  type FaultWorld,
  type Job,
  type Provider,
  type Told,
} from '../support/run-in-process.js';

const PLANNED = 'planned: 6 requests in 1 batch';
const SENDING = 's0001: sending';
const REFUSED_FOR_NOW = {
  openai: 'Rate limit reached for requests. Please try again later.',
  anthropic: "This request would exceed your organization's rate limit. Please try again later.",
};
const FAILED = {
  openai: 'The server had an error while processing your request. Sorry about that!',
  anthropic: 'Internal server error',
};
const NAME = { openai: 'OpenAI', anthropic: 'Anthropic' };

describe('runs: faults while a batch is created', () => {
  let world: FaultWorld | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });

  async function run(job: Job, ...faults: Fault[]): Promise<Told> {
    world = await startFaultWorld(faults);
    return await world.run(job);
  }

  /** The whole log of a run in one batch, between the first try to send and its good end. */
  function expectStory(told: Told, provider: Provider, ...story: string[]): void {
    const end = story.some((line) => line.includes('recognised')) ? 1 : 0;
    expect(told.log).to.deep.equal([PLANNED, SENDING, ...story, ...goesWell(provider).slice(end)]);
    expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 6 }, reasons: [] });
    expect(world?.sandbox.created()).to.have.length(1);
  }

  for (const provider of PROVIDERS) {
    describe(provider, () => {
      it('says nothing of a service that is slow', async () => {
        const told = await run({ provider }, { fault: 'latency', ms: 5 });
        expectStory(told, provider);
        expect(told.report).to.include('| succeeded | 6 |');
      });

      it('tells of a rate limit and sends again, after as long as it asks for', async () => {
        const told = await run(
          { provider },
          { fault: 'rate-limit', count: 1 },
          { fault: 'rate-limit', count: 1, retryAfter: 0.2 },
        );
        const again = (seconds: string): string[] => [
          `s0001: not taken: ${REFUSED_FOR_NOW[provider]}`,
          `Note: ${REFUSED_FOR_NOW[provider]}; sending s0001 again in ${seconds} s`,
          SENDING,
        ];
        expectStory(told, provider, ...again('0.0'), ...again('0.2'));
      });

      for (const [fault, words] of [
        ['server-error', FAILED[provider]],
        ['bad-gateway', `${NAME[provider]} answered 502 with a web page instead of data`],
      ] as const) {
        it(`does not believe an error of the service at creation (${fault}), and looks`, async () => {
          const told = await run({ provider }, { fault, operation: 'create', count: 1 });
          expectStory(
            told,
            provider,
            `s0001: the answer was lost (${words}); looking whether there is a batch`,
            's0001: there is no batch of it; it is sent again',
            SENDING,
          );
        });
      }

      for (const fault of ['cut-before', 'cut-upload'] as const) {
        it(`sends again what did not arrive (${fault})`, async () => {
          const told = await run({ provider }, { fault, operation: 'create', count: 1 });
          // Whether all was sent when the line was cut depends on how much fits into it.
          expect(told.log[2]).to.match(
            /^s0001: (not taken: .+|the answer was lost \(.+\); looking whether there is a batch)$/,
          );
          expect(told.log[2]).to.include(`${NAME[provider]} could not be reached: the connection was cut`);
          expect(told.log.filter((line) => line === SENDING)).to.have.length(2);
          expect(told.counts).to.deep.equal({ succeeded: 6 });
          expect(world?.sandbox.created()).to.have.length(1);
        });
      }

      const FOUND = {
        openai: ['s0001: is batch BATCH, recognised by its metadata'],
        anthropic: [
          's0001: may be BATCH; its custom ids will tell when it has ended',
          's0001: is batch BATCH, recognised by its custom ids',
        ],
      };
      for (const fault of [
        { fault: 'create-lost' },
        { fault: 'cut-answer', operation: 'create' },
        { fault: 'create-error', status: 502 },
      ] satisfies Fault[]) {
        const title = `${fault.fault}${'status' in fault ? ` ${fault.status}` : ''}`;
        it(`finds the batch whose creation was not answered (${title}) and pays it once`, async () => {
          const told = await run({ provider }, { ...fault, count: 1 });
          const [lost = '', ...rest] = told.log.slice(2);
          expect(lost).to.match(/^s0001: the answer was lost \(.+\); looking whether there is a batch$/);
          expectStory(told, provider, lost, ...FOUND[provider]);
          expect(rest.join('\n')).not.to.include('sending');
        });
      }

      it('waits for a list that is behind before it takes a batch for absent', async () => {
        const told = await run(
          { provider, settleMs: 500 },
          { fault: 'stale-list', ms: 250 },
          { fault: 'create-lost', count: 1 },
        );
        expectStory(told, provider, told.log[2] ?? '', ...FOUND[provider]);
      });

      it('sends nothing again as long as the list cannot be read, but sends the rest', async () => {
        const told = await run(
          { provider, limits: { maxRequests: 2 } },
          { fault: 'create-lost', count: 1 },
          { fault: 'server-error', operation: 'list', count: 12 },
        );
        expect(told.counts).to.deep.equal({ succeeded: 6 });
        expect(world?.sandbox.created()).to.have.length(3);
        const looks = told.log.filter((line) => line.includes('looking for the batch of s0001 again in'));
        expect(looks.length).to.be.at.least(8);
        expect(looks[0]).to.equal(`Note: ${FAILED[provider]}; looking for the batch of s0001 again in 0.0 s`);
        const found = told.log.findIndex((line) => /^s0001: (is|may be) /.test(line));
        expect(told.log.indexOf('s0003: is batch BATCH')).to.be.within(0, found);
      });

      it('goes on when everything that can fail fails now and then', async () => {
        const told = await run(
          { provider, rows: 20, limits: { maxRequests: 4 }, settleMs: 300 },
          { fault: 'create-lost', rate: 0.3 },
          { fault: 'create-error', rate: 0.3, status: 502 },
          { fault: 'cut-answer', rate: 0.1 },
          { fault: 'rate-limit', rate: 0.1, retryAfter: 0 },
          { fault: 'server-error', rate: 0.1 },
          { fault: 'stale-list', ms: 100 },
        );
        expect(told).to.deep.include({ kind: 'finished', counts: { succeeded: 20 } });
        expect(world?.sandbox.created()).to.have.length(5);
      });
    });
  }

  it('is not worn out by a service that fails over and over', async () => {
    const told = await run(
      { provider: 'anthropic' },
      { fault: 'server-error', operation: 'create', count: 4 },
    );
    expect(told.log.filter((line) => line === SENDING)).to.have.length(5);
    expect(told.counts).to.deep.equal({ succeeded: 6 });
  });

  it('takes no batch of somebody else for its own, though it is as large', async () => {
    world = await startFaultWorld([{ fault: 'create-lost', count: 1 }]);
    world.foreign.add(await createOther(world, (row) => `other-${row}`));
    const told = await world.run({ provider: 'anthropic' });
    expect(told.log.join('\n')).to.match(/s0001: may be BATCH or BATCH; its custom ids will tell/);
    expect(told.log).to.include('s0001: is batch BATCH, recognised by its custom ids');
    expect(told.counts).to.deep.equal({ succeeded: 6 });
  });

  it('asks the user, and sends nothing, when two batches with the same custom ids fit', async () => {
    world = await startFaultWorld([{ fault: 'create-lost', after: 1, count: 1 }]);
    const other = await createOther(world, (row) => `t${row}`);
    const told = await world.run({ provider: 'anthropic' });
    expect(told.stopped).to.equal(
      'undecided: It cannot be told which batch shard s0001 became: BATCH, BATCH all fit',
    );
    expect(told.log.at(-1)).to.equal('s0001: could be any of BATCH, BATCH');
    expect(told.run.state.shard('s0001').suspects).to.include(other);
    const again = await world.resume({ provider: 'anthropic' });
    expect(again.stopped).to.equal(told.stopped);
    expect(world.sandbox.created()).to.have.length(2);
  });

  async function createOther(at: FaultWorld, id: (row: number) => string): Promise<string> {
    const params = { model: 'claude-haiku-4-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };
    const requests = Array.from({ length: 6 }, (_, row) => ({ custom_id: id(row), params }));
    at.sandbox.setFaults([]);
    const faults: Fault[] = [{ fault: 'create-lost', count: 1 }];
    const batch = await at.call('POST', '/v1/messages/batches', { requests });
    at.sandbox.setFaults(faults);
    return String(batch['id']);
  }
});
