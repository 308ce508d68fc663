import { expect } from 'chai';
import { errorFromAnswer, obstacleOf, type FailureWords } from '@instructor-cli/provider-kit/wire';

const full = 'queue_full';
const tooLarge = 'batch_too_large';

describe('why a service takes no batch', () => {
  const cases: [what: string, words: FailureWords, facts: object][] = [
    [
      'a failed batch whose tokens found no room',
      {
        code: 'token_limit_exceeded',
        message:
          'Enqueued token limit reached for gpt-4o in organization org-1. Limit: 1,350,000 enqueued tokens. Please try again once some in_progress batches have been completed.',
      },
      { obstacle: full, limitTokens: 1_350_000 },
    ],
    ['the same without words', { code: 'token_limit_exceeded', message: 'No' }, { obstacle: full }],
    [
      'requests that found no room',
      { status: 429, message: 'Too many enqueued requests. Limit: 1000000 enqueued requests.' },
      { obstacle: full, limitRequests: 1_000_000 },
    ],
    [
      'a full queue that is told with the code of an empty account',
      { status: 429, code: 'insufficient_quota', message: 'Enqueued token limit reached' },
      { obstacle: full },
    ],
    [
      'a full queue at Anthropic',
      {
        status: 429,
        type: 'rate_limit_error',
        message:
          "This would exceed your organization's limit of 200,000 batch requests in the processing queue",
      },
      { obstacle: full, limitRequests: 200_000 },
    ],
    [
      'too many batches',
      { status: 429, message: 'You have too many active batches (100)' },
      { obstacle: full },
    ],
    ['an ordinary rate limit', { status: 429, code: 'rate_limit_exceeded', message: 'Slow down' }, {}],
    [
      'a pace, even one of batches',
      { status: 429, message: 'Too many batches: the limit is 2000 requests per hour' },
      {},
    ],
    ['a full queue of a service that fails', { status: 503, message: 'The batch queue is full' }, {}],
    ['an empty account', { status: 429, code: 'insufficient_quota' }, { obstacle: 'billing' }],
    ['a limit on spending', { status: 400, code: 'billing_hard_limit_reached' }, { obstacle: 'billing' }],
    ['a failed batch of it', { code: 'billing_hard_limit_reached' }, { obstacle: 'billing' }],
    ['an account that is not active', { status: 429, code: 'billing_not_active' }, { obstacle: 'billing' }],
    [
      'an empty account that is called an invalid request',
      {
        status: 400,
        type: 'invalid_request_error',
        message: 'Your credit balance is too low to access the Anthropic API.',
      },
      { obstacle: 'billing' },
    ],
    ['anything that is to be paid', { status: 402 }, { obstacle: 'billing' }],
    ['a body that a gateway does not take', { status: 413 }, { obstacle: tooLarge }],
    ['a large file', { status: 400, message: 'File is too large.' }, { obstacle: tooLarge }],
    [
      'a large file of a failed batch, whose limit is one of bytes',
      { message: 'The batch input file is larger than the 209715200 maximum for the gpt-4o model' },
      { obstacle: tooLarge },
    ],
    [
      'too many lines',
      { code: 'too_many_tasks', message: 'There are 60000 tasks, of at most 50,000 tasks' },
      { obstacle: tooLarge, limitRequests: 50_000 },
    ],
    [
      'a number that is the size of this batch',
      { code: 'too_many_tasks', message: 'The file holds 60000 requests' },
      { obstacle: tooLarge },
    ],
    ['a large picture', { status: 400, message: 'The image file is too large.' }, {}],
    ['a wrong key', { status: 401, message: 'Enqueued token limit reached' }, {}],
    ['a fault in a line', { code: 'invalid_json_line', message: 'Not JSON' }, {}],
    ['nothing at all', {}, {}],
  ];
  for (const [what, words, facts] of cases) {
    it(`is told of ${what}`, () => {
      expect(obstacleOf(words)).to.deep.equal(facts);
    });
  }

  it('is part of the error, with its code and what to do', () => {
    const error = (status: number, message: string) =>
      errorFromAnswer({ provider: 'Acme', status, body: { error: { message } } });

    expect(error(400, 'Enqueued token limit reached. Limit: 90,000 enqueued tokens.')).to.include({
      code: 'rate_limited',
      obstacle: full,
      limitTokens: 90_000,
      hint: 'Submit again when some of the batches that wait or run have ended',
    });
    expect(error(400, 'Your credit balance is too low')).to.include({
      code: 'quota_exceeded',
      obstacle: 'billing',
      hint: 'Check the plan, the credit and the limits of the account at Acme',
    });
    expect(error(400, 'File is too large.')).to.include({
      code: 'invalid_request',
      obstacle: tooLarge,
      hint: 'Split the request file into smaller batches',
    });
    expect(error(400, 'no such endpoint').obstacle).to.equal(undefined);
  });
});
