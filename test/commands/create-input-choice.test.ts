import { expect } from 'chai';
import { InputCreator } from '../support/create-input.js';
import { expectFailure } from '../support/expect-failure.js';
import { jsonLines, startWorld, type World } from '../support/world.js';

const TEXT = ['--prompt', '{{ text }}'];

describe('batch create --input: which rows', () => {
  let world: World;
  let create: InputCreator;
  const idsOf = async (input: string, ...flags: string[]): Promise<string[]> =>
    (await create.requests(input, [...TEXT, ...flags])).map(({ custom_id }) => custom_id);

  before(async () => {
    world = await startWorld();
    create = new InputCreator(world);
    await world.write(
      'tickets.csv',
      'text,score,Due on\nhello,3,mon\nworld,30,tue\n"a %} b",,mon\nlast,4,wed\n',
    );
    await world.write(
      'tickets.jsonl',
      jsonLines([
        { text: 'a', score: 9, tags: { level: 2 } },
        { text: 'b', score: 10 },
        { text: 'c', score: 'none' },
      ]),
    );
    const many = Array.from({ length: 200 }, (_, at) => ({ text: `t${at}`, odd: at % 2 === 1 }));
    await world.write('many.jsonl', jsonLines(many));
  });
  after(() => world.close());

  const CHOSEN: [condition: string, rows: number[], file?: string][] = [
    ['score > 3', [2, 4]],
    ['not score > 3', [1, 3]],
    ['score == 30 or text == "last"', [2, 4]],
    ['row["Due on"] == "mon"', [1, 3]],
    ['row["Due on"] == "mon" and (score > 100 or text == "hello")', [1]],
    ['text == "a %} b"', [3]],
    ['text contains "or"', [2]],
    ['score > 9', [2], 'tickets.jsonl'],
    ['tags.level == 2', [1], 'tickets.jsonl'],
  ];
  for (const [condition, rows, file = 'tickets.csv'] of CHOSEN) {
    it(`takes the rows of ${file} that meet ${condition}`, async () => {
      expect(await idsOf(file, '--where', condition)).to.deep.equal(rows.map((row) => `row-${row}`));
    });
  }

  const REFUSED: [condition: string, says: RegExp][] = [
    ['', /it is empty/],
    ['  ', /it is empty/],
    ['score >', /a value is missing behind >/],
    ['> 3', /a value is missing before >/],
    ['score 9', /no operator between score and 9/],
    ['score > > 3', /a value is missing between > and >/],
    ['score = 3', /"= 3" cannot be read/],
    ['score && text', /cannot be read/],
    ['score > 3, text', /", text" cannot be read/],
    ['text == "hello', /quote before hello is never closed/],
    ['text == "it" "s"', /no operator between "it" and "s"/],
    ['(score > 3', /parenthes|closed/],
    ['score > 3)', /"\)" cannot be read/],
    ['(score > ) and text', /a value is missing behind >/],
    ['row["Due on] == 1', /not closed/],
    ['1 < score < 5', /three values/],
    ['text |', /filter is missing/],
    ['text | nothing', /undefined filter: nothing/],
    ['score %}1{% endif %}{% if true', /cannot be read/],
    ['"hello"', /names no column/],
  ];
  it('refuses a condition that is none, and says what is wrong', async () => {
    const results = await Promise.all(
      REFUSED.map(([condition]) =>
        create.run('tickets.csv', [...TEXT, '--where', condition, '--preview', '1']),
      ),
    );
    for (const [at, result] of results.entries()) {
      expectFailure(result, { code: 2, says: REFUSED[at]?.[1] ?? /never/, advises: /--where/ });
    }
  });

  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    it(`knows no column ${name}, which every object of the language has`, async () => {
      const preview = ['--preview', '1'];
      const results = await Promise.all(
        ['tickets.csv', 'tickets.jsonl'].flatMap((file) => [
          create.run(file, [...TEXT, '--where', name, ...preview]),
          create.run(file, [...TEXT, '--where', `row["${name}"] == 1`, ...preview]),
          create.run(file, ['--prompt', `{{ ${name} }}`, ...preview]),
          create.run(file, ['--prompt', `{{ row["${name}"] }}`, ...preview]),
          create.run(file, [...TEXT, '--id-column', name, '--output-file', 'never.jsonl']),
        ]),
      );
      for (const result of results) {
        expectFailure(result, { code: 2, says: new RegExp(`names "${name}".*no such column`) });
      }
      expect(await world.files()).to.not.include('never.jsonl');
    });
  }

  it('takes the first rows, and ids stay those of the whole file', async () => {
    expect(await idsOf('many.jsonl', '--limit', '2')).to.deep.equal(['row-1', 'row-2']);
    expect(await idsOf('many.jsonl', '--where', 'odd', '--limit', '2')).to.deep.equal(['row-2', 'row-4']);
  });

  it('draws the same rows for the same seed, in their order and of those that meet the condition', async () => {
    const draw = async (...flags: string[]): Promise<number[]> =>
      (await idsOf('many.jsonl', '--sample', '10', ...flags)).map((id) => Number(id.slice('row-'.length)));
    const [first, again, other, odd] = await Promise.all([
      draw(),
      draw('--seed', '1'),
      draw('--seed', 'another'),
      draw('--where', 'odd'),
    ]);
    expect(first).to.have.length(10);
    expect(again).to.deep.equal(first);
    expect(other).to.have.length(10).and.not.deep.equal(first);
    expect(first).to.deep.equal([...first].sort((left, right) => left - right));
    expect(odd).to.have.length(10);
    expect(odd.every((row) => row % 2 === 0)).to.equal(true);
  });

  describe('a column', () => {
    before(async () => {
      const rows = Array.from({ length: 1500 }, (_, at) =>
        at < 1200 ? { text: 'x' } : { text: 'x', late: 'y' },
      );
      await world.write('late.jsonl', jsonLines(rows));
    });

    it('may first appear after a thousand rows', async () => {
      const prompt = ['--prompt', '{{ text }} {% if late %}{{ late }}{% else %}none{% endif %}'];
      const prompts = await create.prompts('late.jsonl', prompt);
      expect([prompts['row-1200'], prompts['row-1201']]).to.deep.equal(['x none', 'x y']);
      expect(await idsOf('late.jsonl', '--where', 'late == "y"', '--limit', '1')).to.deep.equal(['row-1201']);
      expect(Object.keys(await create.prompts('late.jsonl', [...prompt, '--limit', '3']))).to.have.length(3);
    });

    it('that no row has is an error, however far one has to look for it', async () => {
      const flags = ['--prompt', 'x{% if lte %}{{ lte }}{% endif %}', '--output-file', 'never.jsonl'];
      for (const more of [[], ['--limit', '3'], ['--sample', '3'], ['--skip-bad-rows']]) {
        const result = await create.run('late.jsonl', [...flags, ...more]);
        expectFailure(result, { code: 2, says: /--prompt names "lte"/, advises: /Did you mean late\b/ });
      }
      const unguarded = await create.run('late.jsonl', [
        '--prompt',
        '{{ txt }}',
        '--output-file',
        'never.jsonl',
      ]);
      expectFailure(unguarded, { code: 2, says: /--prompt names "txt"/, advises: /Did you mean text\b/ });
      expect((await world.files()).filter((name) => name.includes('never'))).to.deep.equal([]);
    });
  });
});
