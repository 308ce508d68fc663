import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { JsonElements } from '../../src/rows/json-elements.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { readTable, valuesOf } from '../support/tables.js';

describe('a table of JSON', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  async function file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  describe('Lines', () => {
    it('gives one row a line, with its number', async () => {
      const path = await file('a.jsonl', '\ufeff{"a":1}\r\n\n  \n[{"role":"user"}]\n{"a":{"b":[2]}}');
      const { table, rows } = await readTable(path);
      expect(table).to.include({ format: 'jsonl', untyped: false });
      expect(rows).to.deep.equal([
        { row: 1, line: 1, values: { a: 1 } },
        { row: 2, line: 4, values: { messages: [{ role: 'user' }] } },
        { row: 3, line: 5, values: { a: { b: [2] } } },
      ]);
    });

    it('goes on behind a line that is not right', async () => {
      const { rows } = await readTable(await file('a.jsonl', '{"a":\n"text"\n7\nnull\n{"a":1}\n'));
      expect(rows.map(({ row, line }) => [row, line])).to.deep.equal([1, 2, 3, 4, 5].map((n) => [n, n]));
      const [broken, ...others] = valuesOf(rows);
      expect(broken).to.match(/^not valid JSON: /);
      expect(others).to.deep.equal([
        'is a string, not an object',
        'is a number, not an object',
        'is null, not an object',
        { a: 1 },
      ]);
    });

    it('is no document over several lines', async () => {
      const path = await file('a.jsonl', '[\n  {"a": 1}\n]\n');
      const failure = await failureOf(() => readTable(path));
      expect(failure.message).to.equal(`${path} is one JSON document over several lines, not JSON Lines`);
      expect(failure.hint).to.contain('--input-format json');
    });

    it('may be empty', async () => {
      expect((await readTable(await file('a.jsonl', ''))).rows).to.deep.equal([]);
    });
  });

  describe('that is an array', () => {
    const document =
      '\ufeff \n[\n {"a": "},]\\"\\\\", "b": [1, {"c": "ü"}]},\n\n {"a": 2} , [{"role":"user"}]\n]\n \n';
    const expected = [
      { row: 1, line: 3, values: { a: '},]"\\', b: [1, { c: 'ü' }] } },
      { row: 2, line: 5, values: { a: 2 } },
      { row: 3, line: 5, values: { messages: [{ role: 'user' }] } },
    ];

    it('gives its elements, with their lines', async () => {
      const { table, rows } = await readTable(await file('a.json', document));
      expect(table).to.include({ format: 'json', untyped: false });
      expect(rows).to.deep.equal(expected);
    });

    it('gives the same in pieces of any size', () => {
      const bytes = Buffer.from(document);
      for (const size of [1, 2, 3, 5, 7, 11, 40]) {
        const elements = new JsonElements('it');
        const found = [];
        for (let at = 0; at < bytes.byteLength; at += at === 0 ? 4 : size) {
          found.push(...elements.take(bytes.subarray(at, at === 0 ? 4 : at + size)));
        }
        elements.end();
        expect(
          found.map(({ line, text }) => [line, JSON.parse(text) as unknown]),
          String(size),
        ).to.deep.equal(
          expected.map(({ line, values }) => [line, 'messages' in values ? values.messages : values]),
        );
      }
    });

    it('may be empty', async () => {
      for (const text of ['[]', ' [ \n ] ']) {
        expect((await readTable(await file('a.json', text))).rows).to.deep.equal([]);
      }
    });

    it('may have rows larger than what is read at once', async () => {
      const long = 'ü"\\\n'.repeat(400_000);
      const { rows } = await readTable(await file('a.json', JSON.stringify([{ a: long }, { a: 1 }])));
      expect(valuesOf(rows)).to.deep.equal([{ a: long }, { a: 1 }]);
    });

    it('goes on behind an element that is not right', async () => {
      const text = '[{"a":1},\n{"a": nope},\n7,,\n{"a":[1}},\n{"a":1} {"a":2},\n{"a":2},]';
      const { rows } = await readTable(await file('a.json', text));
      expect(rows.map(({ line }) => line)).to.deep.equal([1, 2, 3, 3, 4, 5, 6, 6]);
      expect(
        valuesOf(rows).map((value) => (typeof value === 'string' ? value.split(':')[0] : value)),
      ).to.deep.equal([
        { a: 1 },
        'not valid JSON',
        'is a number, not an object',
        'a comma without a row',
        'not valid JSON',
        'not valid JSON',
        { a: 2 },
        'a comma without a row',
      ]);
    });

    for (const [what, text, message] of [
      ['is not there', '', 'is empty'],
      ['is blank', ' \n', 'is empty'],
      ['is an object', '{"a":1}\n{"a":2}', 'is a JSON object, not an array of objects'],
      ['is no JSON', 'name,age', 'is no JSON array of objects'],
      [
        'is cut off in a row',
        '[{"a":1},\n{"a":',
        'is not complete: the row that begins in line 2 is not complete',
      ],
      [
        'is cut off in a text',
        '[{"a":1},\n{"a":"b',
        'is not complete: the row that begins in line 2 is not complete',
      ],
      ['is cut off behind a row', '[{"a":1},\n', 'is not complete: no ] ends it'],
      ['goes on', '[{"a":1}]\n[{"a":2}]', 'goes on after the end of its array, in line 2'],
      ['is in UTF-16', Buffer.from('\ufeff[]', 'utf16le'), 'is in UTF-16'],
    ] as const) {
      it(`is refused if it ${what}`, async () => {
        const path = await file('a.json', text);
        const failure = await failureOf(() => readTable(path));
        expect(failure.kind).to.equal('input');
        expect(failure.message).to.equal(`${path} ${message}`);
        expect(failure.hint).to.be.a('string');
      });
    }

    it('has to be UTF-8', async () => {
      const path = await file('a.json', Buffer.from('[{"a":1},\n{"a":"\xfc"}]', 'latin1'));
      const failure = await failureOf(() => readTable(path));
      expect(failure.message).to.equal(`${path}, line 2: not valid UTF-8`);
    });
  });
});
