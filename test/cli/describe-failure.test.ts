import { PROVIDER_ERROR_CODES, ProviderError } from '@instructor-cli/provider-kit';
import { Parser, Flags } from '@oclif/core';
import { expect } from 'chai';
import { describeFailure, failureToJson } from '../../src/cli/describe-failure.js';
import { InstructorError } from '../../src/failure/instructor-error.js';
import { ResponseModelError } from '../../src/schema/response-model-error.js';
import { thrownBy } from '../support/failure-of.js';

describe('a failure', () => {
  for (const [kind, exitCode] of [
    ['usage', 2],
    ['input', 1],
    ['unsupported', 3],
    ['credentials', 4],
    ['state', 5],
    ['failed', 1],
  ] as const) {
    it(`of the kind ${kind} ends with exit code ${exitCode}`, () => {
      const error = new InstructorError(kind, 'what', {
        hint: 'do',
        details: ['more'],
        problems: [{ a: 1 }],
      });
      expect(describeFailure(error)).to.deep.equal({
        exitCode,
        code: kind,
        message: 'what',
        hint: 'do',
        details: ['more'],
        problems: [{ a: 1 }],
        note: kind === 'unsupported',
      });
    });
  }

  const providerExits: Record<string, number> = {
    authentication: 4,
    permission: 4,
    wrong_state: 5,
    unsupported: 3,
  };
  for (const code of PROVIDER_ERROR_CODES) {
    it(`that a provider reports as ${code} ends with exit code ${providerExits[code] ?? 1}`, () => {
      const error = new ProviderError(code, 'what', {
        status: 418,
        providerCode: 'teapot',
        requestId: 'req_1',
      });
      expect(describeFailure(error)).to.deep.include({
        exitCode: providerExits[code] ?? 1,
        code,
        message: 'what',
        status: 418,
        providerCode: 'teapot',
        requestId: 'req_1',
      });
    });
  }

  it('is recognised from another copy of the kit, with a code from the future too', () => {
    const foreign = Object.assign(new Error('what'), {
      code: 'brand_new',
      [Symbol.for('instructor.provider-error')]: true,
    });
    expect(describeFailure(foreign)).to.deep.include({ exitCode: 1, code: 'brand_new', message: 'what' });
  });

  it('of a batch that is not found says where to look, unless the provider does', () => {
    expect(describeFailure(new ProviderError('not_found', 'x'), { bin: 'prog' }).hint).to.contain(
      'prog batch list',
    );
    expect(describeFailure(new ProviderError('not_found', 'x', { hint: 'There' })).hint).to.equal('There');
  });

  for (const name of ['AbortError', 'ExitPromptError']) {
    it(`by interruption ends with exit code 130: ${name}`, () => {
      const error = Object.assign(new Error('x'), { name });
      expect(describeFailure(error)).to.include({ exitCode: 130, code: 'interrupted' });
    });
  }

  it('of a response model says how to mend it', () => {
    expect(describeFailure(new ResponseModelError('bad', 'mend'))).to.include({
      exitCode: 2,
      code: 'response_model',
      message: 'bad',
      hint: 'mend',
    });
  });

  it('of the command line is one sentence, without the advice in it', async () => {
    const error = await thrownBy(() =>
      Parser.parse(['--limit', 'x'], { flags: { limit: Flags.integer({ required: true }) } }),
    );
    const failure = describeFailure(error, { bin: 'prog' });
    expect(failure).to.include({ exitCode: 2, code: 'usage' });
    expect(failure.message).to.equal('--limit: Expected an integer but received: x');
    expect(JSON.stringify(failure)).not.to.contain('See more help');
    expect(failure.hint).to.contain('--help');
  });

  it('to find a command is a wrong usage', () => {
    const error = Object.assign(new Error('command x not found'), { oclif: { exit: 127 } });
    expect(describeFailure(error)).to.include({ exitCode: 2, code: 'usage' });
  });

  for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null, 7, {}]) {
    it(`of our own is called unexpected: ${JSON.stringify(thrown) ?? 'undefined'}`, () => {
      const failure = describeFailure(thrown);
      expect(failure).to.include({ exitCode: 1, code: 'unexpected' });
      expect(failure.message).to.match(/^Unexpected error: ./);
      expect(failure.hint).to.contain('--debug');
    });
  }

  it('shows where it comes from only on request, with its causes', () => {
    const error = new InstructorError('failed', 'outer', { cause: new Error('inner') });
    expect(describeFailure(error).stack).to.equal(undefined);
    const { stack } = describeFailure(error, { debug: true });
    expect(stack).to.contain('outer').and.contain('Caused by: Error: inner').and.contain('at ');
  });

  it('has one form as JSON, where nothing is left out', () => {
    const error = new ProviderError('not_found', 'x', { requestId: 'req_1', status: 404 });
    const json = failureToJson(describeFailure(error));
    expect(json).to.have.nested.include({
      'error.code': 'not_found',
      'error.status': 404,
      'error.request_id': 'req_1',
      'error.provider_code': null,
      'error.exit_code': 1,
    });
    const withProblems = new InstructorError('input', 'x', { details: ['d'], problems: [{ line: 1 }] });
    expect(failureToJson(describeFailure(withProblems))).to.have.deep.nested.property('error.problems', [
      { line: 1 },
    ]);
    const withDetails = new InstructorError('input', 'x', { details: ['d'] });
    expect(failureToJson(describeFailure(withDetails))).to.have.deep.nested.property('error.details', ['d']);
  });
});
