import { expect } from 'chai';
import { csvEncoder } from '../../src/core/csv-results.js';
import type { BatchResult } from '../../src/core/result-row.js';
import type { ResponseModel } from '../../src/schema/response-model.js';

function modelOf(...properties: string[]): ResponseModel {
  const jsonSchema = { type: 'object', properties: Object.fromEntries(properties.map((name) => [name, {}])) };
  return { name: 'M', jsonSchema, validate: (value) => ({ ok: true, value }) };
}

function good(result: unknown, rest: Partial<BatchResult> = {}): BatchResult {
  return { customId: 'a', outcome: 'succeeded', success: true, result, ...rest } as BatchResult;
}

async function lines(rows: BatchResult[], model?: ResponseModel): Promise<string[]> {
  const encoder = await csvEncoder(model);
  return `${encoder.head}${[...encoder.encode(rows)].join('')}${encoder.tail}`.split('\n');
}

const TRAILING = 'error_type,error_message,error_code,answer,input_tokens,output_tokens,model,finish_reason';

describe('results as CSV', () => {
  it('have a column for each property of the answers', async () => {
    const usage = { inputTokens: 5, outputTokens: 0 };
    const row = good({ label: 'ham', score: -0.5, sure: false }, { usage, model: 'm', finishReason: 'stop' });
    expect(await lines([row], modelOf('label', 'score', 'sure', 'note'))).to.deep.equal([
      `custom_id,outcome,success,result.label,result.score,result.sure,result.note,${TRAILING}`,
      'a,succeeded,true,ham,-0.5,false,,,,,,5,0,m,stop',
      '',
    ]);
  });

  it('have one column without a model of the answers', async () => {
    expect((await lines([good('plain, "text"\nof two lines')])).slice(0, 3)).to.deep.equal([
      `custom_id,outcome,success,result,${TRAILING}`,
      'a,succeeded,true,"plain, ""text""',
      'of two lines",,,,,,,,',
    ]);
  });

  it('keep what is nested as JSON', async () => {
    const [, line] = await lines([good({ tags: ['x', 'y'], at: { z: 1 } })], modelOf('tags', 'at'));
    expect(line).to.equal('a,succeeded,true,"[""x"",""y""]","{""z"":1}",,,,,,,,');
  });

  it('tell why a row failed, and what the model said all the same', async () => {
    const error = { type: 'schema_mismatch', message: 'age: no', code: 'c' };
    const row: BatchResult = {
      customId: 'b',
      outcome: 'invalid',
      success: false,
      error,
      answer: { age: 'x' },
    };
    expect((await lines([row], modelOf('age')))[1]).to.equal(
      'b,invalid,false,,schema_mismatch,age: no,c,"{""age"":""x""}",,,,',
    );
  });

  for (const formula of ['=1+1', '+1', '-cmd', '@SUM(A1)', '\t=1', '\r=1', '＝1']) {
    it(`are never run as a formula: ${JSON.stringify(formula)}`, async () => {
      const text = (await lines([good(formula, { customId: formula })])).slice(1).join('\n');
      const cells = text.split(',');
      expect(cells[0]?.replace('"', '')).to.match(/^'/);
      expect(cells[3]?.replace('"', '')).to.match(/^'/);
    });
  }

  it('keep negative numbers numbers', async () => {
    expect((await lines([good({ n: -5 })], modelOf('n')))[1]).to.contain('true,-5,');
  });

  it('write a date as JSON would, without its quotes', async () => {
    const at = new Date('2026-01-02T03:04:05Z');
    expect((await lines([good({ at })], modelOf('at')))[1]).to.contain('true,2026-01-02T03:04:05.000Z,');
  });

  for (const [what, result, shown] of [
    ['another shape than the model', 'red', 'red'],
    ['a list', [1], '[1]'],
    ['more keys than the model', { label: 'x', extra: 1 }, '"{""label"":""x"",""extra"":1}"'],
  ] as const) {
    it(`lose nothing if a transform made ${what} of the answer`, async () => {
      expect((await lines([good(result)], modelOf('label')))[1]).to.contain(`,,,,${shown},`);
    });
  }
});
