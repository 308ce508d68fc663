import { expect } from 'chai';
import { InputCreator } from '../support/create-input.js';
import { expectClean, expectFailure } from '../support/expect-failure.js';
import { ask, jsonLines, startWorld, type World } from '../support/world.js';

const TEXT = ['--prompt', '{{ text }}'];
const PNG = Buffer.from('\x89PNG\r\n\x1a\n0123', 'latin1');
const IMAGE = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG.toString('base64')}` } };

describe('batch create --input: rows', () => {
  let world: World;
  let create: InputCreator;

  before(async () => {
    world = await startWorld();
    create = new InputCreator(world);
    await world.write('pictures/a.png', PNG);
  });
  after(() => world.close());

  describe('shown with --preview', () => {
    it('are conversations of any kind, and nothing is written or sent', async () => {
      const call = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"id":1}' } };
      const messages = [
        ...ask('Who?'),
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: 'Nobody' },
      ];
      await world.write('tools.jsonl', jsonLines([{ messages }]));
      const [files, sent] = [await world.files(), world.sandbox.requests.length];
      const result = await create.run('tools.jsonl', ['--messages-column', 'messages', '--preview', '1']);
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.include(
        'user: Who?\nassistant: [calls look_up with {"id":1}]\ntool (call_1): Nobody\n',
      );
      expect(await world.files()).to.deep.equal(files);
      expect(world.sandbox.requests).to.have.length(sent);
    });

    it('move no cursor, whatever is in them and in the name of the file', async () => {
      const name = 'nasty\u001b[31m.jsonl';
      const messages = [{ role: 'user\u001b[2J', content: 'a\u001b]0;x\u0007b' }];
      await world.write(name, jsonLines([{ id: 'i\u001b[1m', messages }]));
      const flags = ['--messages-column', 'messages', '--id-column', 'id', '--preview', '1'];
      const { stdout } = await create.run(name, flags);
      expect(stdout).to.not.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/); // eslint-disable-line no-control-regex -- what must not show
      expect(stdout).to.include(String.raw`nasty\x1b[31m.jsonl:1`);
      expect(stdout).to.include(String.raw`user\x1b[2J: a\x1b]0;x\x07b`);
    });

    it('are cut where they are long, and say by how much', async () => {
      await world.write('long.csv', `text\n"${'y'.repeat(100_000)}"\n`);
      const { stdout } = await create.run('long.csv', [...TEXT, '--preview', '1']);
      expect(stdout.length).to.be.below(5000);
      expect(stdout).to.include('y… [98,000 more characters]');
    });

    it('with a problem end with 1, as without --preview, and with 0 if they may be skipped', async () => {
      await world.write('one-bad.csv', 'text,n\na,1\n,2\n');
      const results = await Promise.all([
        create.run('one-bad.csv', [...TEXT, '--preview', '5']),
        create.run('one-bad.csv', [...TEXT, '--output-file', 'never.jsonl']),
        create.run('one-bad.csv', [...TEXT, '--preview', '5', '--skip-bad-rows']),
      ]);
      expect(results.map(({ code }) => code)).to.deep.equal([1, 1, 0]);
      for (const { stderr } of results) expect(stderr).to.include('one-bad.csv:3: the prompt is empty');
    });
  });

  it('with a problem are all listed, ten thousand of them too', async () => {
    const count = 10_000;
    await world.write('all-bad.csv', `text,n\n${'only\n'.repeat(count)}`);
    const result = await create.run('all-bad.csv', [...TEXT, '--output-file', 'never.jsonl']);
    expectFailure(result, { code: 1, says: /all-bad\.csv has 10,000 problems; nothing was written/ });
    const listed = result.stderr.match(/^ {2}all-bad\.csv:\d+: has 1 cell, the header has 2$/gm) ?? [];
    expect(listed).to.have.length(count);
    expect(listed.at(-1)).to.include(`:${count + 1}:`);

    await world.write('more-bad.csv', `text,n\n${'only\n'.repeat(count + 5)}`);
    const more = await create.run('more-bad.csv', [...TEXT, '--output-file', 'never.jsonl']);
    expect(more.stderr).to.match(/… and 5 more: --skip-bad-rows writes each one to a file/);
    const json = await create.run('more-bad.csv', [...TEXT, '--output-file', 'never.jsonl', '--json']);
    const { error } = JSON.parse(json.stdout) as { error: { problems: unknown[] } };
    expect(error.problems).to.have.length(count);
    expect(await world.files()).to.not.include('never.jsonl');
  });

  describe('left out with --skip-bad-rows', () => {
    const flags = [...TEXT, '--skip-bad-rows'];

    it('lie beside the output with their reason, and can be mended and given as input', async () => {
      await world.write('mixed.csv', 'id,text\n1,a\n2\n3,\n4,d\n');
      const result = await create.run('mixed.csv', [...flags, '--output-file', 'mixed.jsonl']);
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stderr).to.match(/Left out 2 bad rows: they are in mixed\.skipped\.jsonl/);
      const skipped = await world.rows('mixed.skipped.jsonl');
      expect(skipped).to.deep.equal([
        { line: 3, row: 2, code: 'unreadable_row', problem: 'has 1 cell, the header has 2', source: ['2'] },
        { line: 4, row: 3, code: 'empty_prompt', problem: 'the prompt is empty: nothing in "text"', source: { id: '3', text: '' } }, // prettier-ignore
      ]);

      const unmended = await create.run('mixed.skipped.jsonl', [...TEXT, '--output-file', 'never.jsonl']);
      expectFailure(unmended, { code: 1, says: /mixed\.skipped\.jsonl has 2 problems/ });
      expect(unmended.stderr).to.match(/:1: has 1 cell.*write its "source" as an object/);
      expect(unmended.stderr).to.match(/:2: the prompt is empty/);

      const [first, second] = skipped;
      const mended = [
        { ...first, source: { id: '2', text: 'b' } },
        { id: '3', text: 'c' },
      ];
      await world.write('mixed.skipped.jsonl', jsonLines([mended[0], { ...second, source: mended[1] }]));
      expect(await create.prompts('mixed.skipped.jsonl', TEXT)).to.deep.equal({ 'row-2': 'b', 'row-3': 'c' });
      expect(await create.prompts('mixed.skipped.jsonl', [...TEXT, '--where', 'id > 2'])).to.deep.equal({
        'row-3': 'c',
      });
    });

    it('of JSON Lines, and of conversations, likewise', async () => {
      await world.write('broken.jsonl', `{"text":"a"}\n{"text":\n${JSON.stringify({ text: 'c' })}\n`);
      await create.run('broken.jsonl', [...flags, '--output-file', 'out.jsonl']);
      const [skipped] = await world.rows('out.skipped.jsonl');
      expect(skipped).to.include({ line: 2, row: 2, source: '{"text":' });
      await world.write('out.skipped.jsonl', jsonLines([{ ...skipped, source: '{"text":"b"}' }]));
      expect(await create.prompts('out.skipped.jsonl', TEXT)).to.deep.equal({ 'row-2': 'b' });

      await world.write('talk.jsonl', jsonLines([ask('x'), { messages: [] }]));
      const talk = ['batch', 'create', '--messages-file'];
      await world.run([...talk, 'talk.jsonl', '--skip-bad-rows', '--output-file', 'talk.out.jsonl']);
      const [bad] = await world.rows('talk.out.skipped.jsonl');
      await world.write('talk.out.skipped.jsonl', jsonLines([{ ...bad, source: { messages: ask('y') } }]));
      const again = await world.run([...talk, 'talk.out.skipped.jsonl', '--output-file', '-']);
      expect(again.code, again.stderr).to.equal(0);
      expect(again.stdout).to.include('"content":"y"');
    });

    it('are no output if they are all of them, and the reason is said', async () => {
      await world.write('none-good.csv', 'text,n\n,1\nonly\n');
      const result = await create.run('none-good.csv', [...flags, '--output-file', 'never.jsonl']);
      expectFailure(result, { code: 1, says: /none-good\.csv has a problem; nothing was written/ });
      expect(result.stderr).to.match(
        /none-good\.csv:2: all of its 2 rows are bad; this one: the prompt is empty/,
      );
      expect((await world.files()).filter((name) => name.includes('never'))).to.deep.equal([]);
    });

    it('of an earlier run are gone once there are none', async () => {
      const args = [...flags, '--output-file', 'stale.jsonl'];
      await world.write('stale.csv', 'text,n\na,1\n,2\n');
      await create.run('stale.csv', args);
      expect(await world.files()).to.include('stale.skipped.jsonl');
      const refused = await create.run('stale.csv', args);
      expectFailure(refused, { code: 2, says: /exists already/, advises: /--force/ });
      await world.write('stale.csv', 'text,n\na,1\nb,2\n');
      const result = await create.run('stale.csv', [...args, '--force']);
      expect(result.code, result.stderr).to.equal(0);
      expectClean(result);
      expect(await world.files())
        .to.include('stale.jsonl')
        .and.not.include('stale.skipped.jsonl');
    });
  });

  for (const provider of ['openai', 'anthropic']) {
    it(`carry images to ${provider}, beside a prompt or in the last message of the user`, async () => {
      await world.write(
        'pictures/rows.jsonl',
        jsonLines([
          { image: 'a.png', text: 'look', messages: [...ask('first'), { role: 'assistant', content: 'yes' }, ...ask('last')] }, // prettier-ignore
          { image: 'https://example.org/b.png', text: 'look', messages: [{ role: 'user', content: [{ type: 'text', text: 'parts' }] }] }, // prettier-ignore
          { image: '', text: 'look', messages: ask('no image') },
        ]),
      );
      const image = ['--image-column', 'image', '--provider', provider];
      const file = 'pictures/rows.jsonl';
      const [prompted, talked] = await Promise.all([
        create.requests(file, [...TEXT, ...image]),
        create.requests(file, ['--messages-column', 'messages', ...image]),
      ]);
      const said = ({ body, params }: (typeof prompted)[0]): unknown[] =>
        ((body ?? params)?.messages ?? []).map(({ content }) => content);
      const [local, remote] =
        provider === 'openai'
          ? [IMAGE, { type: 'image_url', image_url: { url: 'https://example.org/b.png' } }]
          : [
              {
                type: 'image',
                source: { type: 'base64', media_type: 'image/png', data: PNG.toString('base64') },
              },
              { type: 'image', source: { type: 'url', url: 'https://example.org/b.png' } },
            ];
      const text = (words: string): unknown => ({ type: 'text', text: words });
      expect(prompted.map(said)).to.deep.equal([[[local, text('look')]], [[remote, text('look')]], ['look']]);
      expect(talked.map(said)).to.deep.equal([
        ['first', 'yes', [local, text('last')]],
        [[remote, text('parts')]],
        ['no image'],
      ]);
    });
  }

  it('with an image that is none are problems', async () => {
    await world.write('pictures/text.png', 'words');
    await world.write('pictures/empty.png', '');
    await world.write(
      'pictures/bad.csv',
      'text,image\na,none.png\nb,text.png\nc,ftp://x/y.png\nd,empty.png\n',
    );
    const result = await create.run('pictures/bad.csv', [...TEXT, '--image-column', 'image']);
    expectFailure(result, { code: 1, says: /4 problems/ });
    for (const said of [/:2: .*no such file/, /:3: .*no image/, /:4: .*http/, /:5: .*is empty/])
      expect(result.stderr).to.match(said);
  });

  it('keep numbers of any length as they are written', async () => {
    const row =
      '{"id":12345678901234567890,"n":9007199254740993,"o":{"deep":[-98765432109876543210,1.5]},"e":1e400}';
    await world.write('big.jsonl', `${row}\n`);
    await world.write('big.json', `[${row}]`);
    const flags = ['--prompt', '{{ n }} {{ o }} {{ e }} {{ o | json }}', '--id-column', 'id'];
    for (const file of ['big.jsonl', 'big.json']) {
      expect(
        await create.prompts(file, [...flags, '--where', 'n > 5 and id == "12345678901234567890"']),
      ).to.deep.equal({
        '12345678901234567890':
          '9007199254740993 {"deep":[-98765432109876543210,1.5]} 1e400 {"deep":[-98765432109876543210,1.5]}',
      });
    }
    await world.write(
      'big-talk.jsonl',
      '{"messages":[{"role":"user","content":"x"}],"seed":9007199254740993}\n',
    );
    const talk = await world.run([
      'batch',
      'create',
      '--messages-file',
      'big-talk.jsonl',
      '--output-file',
      '-',
    ]);
    expect(talk.stdout).to.match(/"seed":9007199254740993[,}]/);
    await world.write('big-bad.jsonl', `${row}\n{"t":"x"}\n`);
    await create.run('big-bad.jsonl', [
      '--prompt',
      '{{ t }}',
      '--skip-bad-rows',
      '--output-file',
      'kept.jsonl',
    ]);
    expect(await world.read('kept.skipped.jsonl')).to.include(row);
  });

  it('are not read with a flag that means nothing for them', async () => {
    await world.write('flags.jsonl', jsonLines([{ text: 'a' }]));
    await world.write('blank.md', '\n');
    const results = await Promise.all([
      create.run('flags.jsonl', [...TEXT, '--delimiter', ';']),
      create.run('flags.jsonl', [...TEXT, '--input-encoding', 'latin1']),
      create.run('flags.jsonl', [...TEXT, '--id-key', 'text']),
      create.run('flags.jsonl', ['--prompt', '  ']),
      create.run('flags.jsonl', [...TEXT, '--system', 'blank.md']),
    ]);
    const says = [/--delimiter is for CSV/, /--input-encoding is for CSV/, /--id-key.*--id-column/, /--prompt is empty/, /--system blank\.md is empty/]; // prettier-ignore
    for (const [at, result] of results.entries())
      expectFailure(result, { code: 2, says: says[at] ?? /never/ });
  });

  it('with half of a character in their id are problems', async () => {
    await world.write('half.jsonl', String.raw`{"id":"a\ud800","text":"x"}` + '\n' + String.raw`{"id":"a\ud801","text":"y"}` + '\n'); // prettier-ignore
    for (const provider of ['openai', 'anthropic']) {
      const result = await create.run('half.jsonl', [...TEXT, '--id-column', 'id', '--provider', provider]);
      expectFailure(result, { code: 1, says: /half\.jsonl has 2 problems/ });
      expect(result.stderr).to.match(/half\.jsonl:1: "id" has half of a character/);
    }
  });
});
