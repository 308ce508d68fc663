import { expect } from 'chai';
import type { RunResult } from './run-instructor.js';

export interface ExpectedFailure {
  code: number | string;
  /** What happened. */
  says: RegExp;
  /** What the user can do. An error says that always; only an interruption needs no advice. */
  advises?: RegExp;
  requestId?: string;
  /** What must show nowhere. */
  secrets?: readonly string[];
  /** Default: nothing on standard output. */
  stdout?: RegExp;
}

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/; // eslint-disable-line no-control-regex -- what must not show

/** A failure as a user should meet it: what happened, what to do, the request id; no stack, no key, no control codes. */
export function expectFailure({ code, stdout, stderr }: RunResult, expected: ExpectedFailure): void {
  const context = `exit ${code}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
  expect(code, context).to.equal(expected.code);
  expect(stdout, context).to.match(expected.stdout ?? /^$/);
  const said = stderr.split('\n').filter((line) => /^((Error|Note): |Interrupted)/.test(line));
  expect(
    said.some((line) => expected.says.test(line)),
    `${context}\nshould say ${expected.says}`,
  ).to.equal(true);
  expect(
    said.filter((line) => line.startsWith('Error: ')).length,
    `one error only\n${context}`,
  ).to.be.at.most(1);
  if (expected.code !== 130 && expected.code !== 143) {
    expect(stderr, `says what to do\n${context}`).to.match(/^ {2}Try: ./m);
  }
  if (expected.advises) expect(stderr, context).to.match(expected.advises);
  if (expected.requestId !== undefined)
    expect(stderr, context).to.include(`Request id: ${expected.requestId}`);
  expectClean({ code, stdout, stderr }, expected.secrets);
}

/** No stack trace, nothing that moves the cursor, no mention of what is none of the user's business. */
export function expectClean({ code, stdout, stderr }: RunResult, secrets: readonly string[] = []): void {
  const context = `exit ${code}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
  expect(stderr, `no stack trace\n${context}`).to.not.match(/^\s+at .*[:(]/m);
  expect(stderr, context).to.not.match(
    /UnhandledPromise|ExperimentalWarning|DeprecationWarning|\[object Object\]/,
  );
  expect(CONTROL.test(stderr), `no control characters\n${JSON.stringify(stderr)}`).to.equal(false);
  for (const secret of secrets) expect(stdout + stderr, `no ${secret}`).to.not.include(secret);
}
