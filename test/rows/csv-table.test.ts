import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { OpenTableOptions, TableRow } from '../../src/rows/table.js';
import { failureOf } from '../support/failure-of.js';
import { temporaryFolder } from '../support/run-instructor.js';
import { readTable, valuesOf } from '../support/tables.js';

interface Good {
  content: string | Uint8Array;
  options?: OpenTableOptions;
  name?: string;
  columns?: string[];
  values: unknown[];
  lines?: number[];
  notes?: string[];
}

const AB = [{ a: '1', b: '2' }];
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const long = `"${'x'.repeat(1024 * 1024)} ""quoted""\n"`;

/** Files as people have them, and what they mean. */
const GOOD: Record<string, Good> = {
  'is plain': { content: 'a,b\n1,2\n3,4\n', values: [...AB, { a: '3', b: '4' }], lines: [2, 3] },
  'has no line feed at its end': { content: 'a,b\n1,2', values: AB },
  'begins with a byte order mark': { content: '\ufeffa,b\n1,2\n', values: AB },
  'begins with a byte order mark and a quote': { content: '\ufeff"a",b\n1,2\n', values: AB },
  'has lines that end in CRLF': {
    content: 'a,b\r\n1,2\r\n3,4\r\n',
    values: [...AB, { a: '3', b: '4' }],
    lines: [2, 3],
  },
  'has lines that end in CR': {
    content: 'a,b\r1,2\r3,4\r',
    values: [...AB, { a: '3', b: '4' }],
    lines: [2, 3],
  },
  'has quoted cells': { content: '"a","b"\n"1","2"\n', values: AB },
  'has doubled quotes': { content: 'a,b\n"say ""hi""",""""\n', values: [{ a: 'say "hi"', b: '"' }] },
  'has delimiters in quotes': { content: 'a,b\n"1,5",2\n', values: [{ a: '1,5', b: '2' }] },
  'has a lone quote': {
    content: 'a,b\n5" tall,2\n6",3\n',
    values: [
      { a: '5" tall', b: '2' },
      { a: '6"', b: '3' },
    ],
  },
  'has text behind a closed quote': { content: 'a,b\n"x"y,2\n', values: [{ a: '"x"y', b: '2' }] },
  'has empty cells': {
    content: 'a,b\n,\n"",2\n',
    values: [
      { a: '', b: '' },
      { a: '', b: '2' },
    ],
  },
  'keeps blanks and numbers as they are': { content: 'a,b\n 1 ,007\n', values: [{ a: ' 1 ', b: '007' }] },
  'has cells over several lines': {
    content: 'a,b\n"1\n2\n",x\n3,"y\nz"\n5,6\n',
    values: [
      { a: '1\n2\n', b: 'x' },
      { a: '3', b: 'y\nz' },
      { a: '5', b: '6' },
    ],
    lines: [2, 5, 7],
  },
  'has cells over several lines that end in CRLF': {
    content: 'a,b\r\n"1\r\n2",x\r\n\r\n3,4\r\n',
    values: [
      { a: '1\r\n2', b: 'x' },
      { a: '3', b: '4' },
    ],
    lines: [2, 5],
  },
  'has cells over several lines that end in CR': {
    content: 'a,b\r"1\r2",x\r3,4\r',
    values: [
      { a: '1\r2', b: 'x' },
      { a: '3', b: '4' },
    ],
    lines: [2, 4],
  },
  'has blank lines': {
    content: '\n\na,b\n\n1,2\n   \n\n3,4\n\n',
    values: [...AB, { a: '3', b: '4' }],
    lines: [5, 8],
  },
  'has rows that are too short': {
    content: 'a,b,c,d,e\n1,2,3\n1\n1,2,3,4,5\n',
    values: [
      'has 3 cells, the header has 5',
      'has 1 cell, the header has 5',
      { a: '1', b: '2', c: '3', d: '4', e: '5' },
    ],
    lines: [2, 3, 4],
  },
  'has rows that are too long': {
    content: 'a,b\n1,2,3\n1,2,,\n',
    values: ['has 3 cells, the header has 2', { a: '1', b: '2' }],
  },
  'has commas at the end of each line': {
    content: 'a,b,\n1,2,\n',
    columns: ['a', 'b', 'column_3'],
    values: [{ a: '1', b: '2', column_3: '' }],
    notes: ['Column 3 has no name and is called column_3'],
  },
  'has columns without a name': {
    content: ',a,""\n1,2,3\n',
    columns: ['column_1', 'a', 'column_3'],
    values: [{ column_1: '1', a: '2', column_3: '3' }],
    notes: ['Columns 1, 3 have no names and are called column_1, column_3'],
  },
  'has blanks around its names': { content: ' a , b\n1,2\n', columns: ['a', 'b'], values: AB },
  'has a header only': { content: 'a,b\n', columns: ['a', 'b'], values: [] },
  'has one column': {
    content: 'a\n1\n\n""\n2;3\n',
    values: [{ a: '1' }, { a: '' }, { a: '2;3' }],
    lines: [2, 4, 5],
  },
  'has a cell of a megabyte': {
    content: `a,b\n${long},2\n3,4\n`,
    values: [
      { a: `${'x'.repeat(1024 * 1024)} "quoted"\n`, b: '2' },
      { a: '3', b: '4' },
    ],
    lines: [2, 4],
  },
  'has NUL characters': { content: 'a,b\n1\0,\0\n', values: [{ a: '1\0', b: '\0' }] },
  'is in UTF-16': { content: Buffer.from('\ufeffa,b\nü,😀\n', 'utf16le'), values: [{ a: 'ü', b: '😀' }] },
  'is in UTF-16, the large end first': {
    content: utf16be('\ufeffa,b\nü,😀\n'),
    values: [{ a: 'ü', b: '😀' }],
  },
  'is in windows-1252': {
    content: Buffer.from('a,b\nM\xfcller,\x80\n', 'latin1'),
    options: { encoding: 'windows-1252' },
    values: [{ a: 'Müller', b: '€' }],
  },
  'is separated by semicolons': {
    content: 'a;b\n1,5;2\n3,5;4\n',
    values: [
      { a: '1,5', b: '2' },
      { a: '3,5', b: '4' },
    ],
  },
  'is separated by bars': { content: 'a|b\n1|2\n', values: AB },
  'is separated by tabs': { content: 'a\tb\n1\t2\n', values: AB },
  'is TSV with commas': {
    name: 'a.tsv',
    content: 'a,x\tb\n1,5\t"2\t3"\n',
    values: [{ 'a,x': '1,5', b: '2\t3' }],
  },
  'says how it is separated': {
    content: 'sep=;\r\na;b\r\n1,5;2\r\n',
    values: [{ a: '1,5', b: '2' }],
    lines: [3],
  },
  'is separated as the user says': {
    content: 'a:b,c\n1:2\n',
    options: { delimiter: ':' },
    values: [{ a: '1', 'b,c': '2' }],
  },
  'has a delimiter in a quoted name': { content: '"a,x,y";b\n1;2\n', values: [{ 'a,x,y': '1', b: '2' }] },
  'has a delimiter in a name that is not quoted': {
    content: 'a, or x;b\n1;2\n3;4\n',
    values: [
      { 'a, or x': '1', b: '2' },
      { 'a, or x': '3', b: '4' },
    ],
  },
  'has strange names': {
    content: 'constructor,__proto__\n1,2\n',
    values: [JSON.parse('{"constructor":"1","__proto__":"2"}')],
  },
  'is packed with gzip': { name: 'a.csv.gz', content: gzipSync('a,b\n1,2\n'), values: AB },
};

/** Files that cannot be right, and what is said; FILE stands for the path. */
const BAD: Record<
  string,
  { content: string | Uint8Array; message: string; hint: RegExp; options?: OpenTableOptions }
> = {
  'is empty': {
    content: '',
    message: 'FILE is empty: there is no header that names the columns',
    hint: /first line/,
  },
  'has blank lines only': {
    content: '\n \n',
    message: 'FILE is empty: there is no header that names the columns',
    hint: /first line/,
  },
  'has a quote that is never closed': {
    content: `a,b\n1,2\n"x\ny",${'"z'}\n${'3,4\n'.repeat(10)}`,
    message: 'FILE, line 4: a quote opens a cell and is never closed',
    hint: /twice/,
  },
  'has a name twice': {
    content: 'a,b, a\n1,2,3\n',
    message: 'FILE: the header has "a" twice, as columns 1 and 3',
    hint: /name of its own/,
  },
  'is not UTF-8': {
    content: Buffer.from('a,b\n1,2\nM\xfcller,2\n', 'latin1'),
    message: 'FILE, line 3: not valid UTF-8',
    hint: /--input-encoding windows-1252/,
  },
  'ends in the middle of a character': {
    content: Buffer.from('a,b\n1,ü').subarray(0, -1),
    message: 'FILE, line 2: not valid UTF-8',
    hint: /--input-encoding/,
  },
  'is UTF-16 that is cut off': {
    content: Buffer.from('\ufeffa,b\n1,2', 'utf16le').subarray(0, -1),
    message: 'FILE, behind line 2: not valid utf-16le',
    hint: /--input-encoding/,
  },
  'is a workbook': {
    content: 'PK\x03\x04....',
    message: 'FILE is a workbook of a spreadsheet program, not a text',
    hint: /CSV/,
  },
  'has an encoding that nobody knows': {
    content: 'a,b\n',
    options: { encoding: 'klingon' },
    message: 'There is no encoding called klingon',
    hint: /windows-1252/,
  },
  'is to be separated by a line feed': {
    content: 'a,b\n',
    options: { delimiter: '\n' },
    message: '"\\n" cannot separate cells',
    hint: /tab/,
  },
};

describe('a table of CSV', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => ({ path: folder, remove } = await temporaryFolder()));
  afterEach(() => remove());

  for (const [what, { content, options, name = 'a.csv', columns, values, lines, notes }] of Object.entries(
    GOOD,
  )) {
    it(`is read if it ${what}`, async () => {
      const path = join(folder, name);
      await writeFile(path, content);
      const { table, rows } = await readTable(path, options);
      expect(table.untyped).to.equal(true);
      expect(valuesOf(rows)).to.deep.equal(values);
      if (columns) expect(table.columns).to.deep.equal(columns);
      if (lines) expect(rows.map(({ line }) => line)).to.deep.equal(lines);
      expect(rows.map(({ row }) => row)).to.deep.equal(values.map((_, index) => index + 1));
      expect(table.notes).to.deep.equal(notes ?? []);
    });
  }

  for (const [what, { content, options, message, hint }] of Object.entries(BAD)) {
    it(`is refused if it ${what}`, async () => {
      const path = join(folder, 'a.csv');
      await writeFile(path, content);
      const failure = await failureOf(() => readTable(path, options));
      expect(failure.message).to.equal(message.replace('FILE', path));
      expect(failure.hint).to.match(hint);
    });
  }

  it('keeps its numbers and characters over many pieces', async () => {
    const count = 30_000;
    const path = join(folder, 'a.csv');
    const cell = (index: number): string => `ü😀 ${index}${index % 3 ? '' : '\r\n'}"`;
    const text = Array.from({ length: count }, (_, i) => `${i},"${cell(i).replaceAll('"', '""')}"\r\n`).join(
      '',
    );
    for (const bytes of [
      Buffer.from(`id,text\r\n${text}`),
      Buffer.from(`\ufeffid,text\r\n${text}`, 'utf16le'),
    ]) {
      await writeFile(path, bytes);
      const { rows } = await readTable(path);
      expect(rows).to.have.length(count);
      let line = 2;
      rows.forEach((row: TableRow, index) => {
        if (row.line !== line || !('values' in row) || row.values['text'] !== cell(index)) {
          expect(row).to.deep.equal({
            row: index + 1,
            line,
            values: { id: String(index), text: cell(index) },
          });
        }
        line += index % 3 ? 1 : 2;
      });
    }
  });

  it('names the line that is not UTF-8 in the middle of a large file', async () => {
    const path = join(folder, 'a.csv');
    const before = Buffer.from(`a\n${'üüü\n'.repeat(50_000)}`);
    await writeFile(path, Buffer.concat([before, Buffer.from('\xfc\n', 'latin1'), before]));
    const failure = await failureOf(() => readTable(path));
    expect(failure.message).to.equal(`${path}, line 50002: not valid UTF-8`);
  });
});
