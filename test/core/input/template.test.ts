import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadTemplate } from '../../../src/core/input/template.js';
import { failureOf } from '../../support/failure-of.js';
import { temporaryFolder } from '../../support/run-instructor.js';

describe('a prompt in a file', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const fileOf = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const rendered = async (path: string): Promise<string> =>
    (await loadTemplate(path, '--prompt')).render({ text: 'hello' });

  before(async () => ({ path: folder, remove } = await temporaryFolder()));
  after(() => remove());

  const TEXT = 'Grüße {{ text }} 🙂';
  const WRITTEN: Record<string, Uint8Array> = {
    'UTF-8': Buffer.from(TEXT),
    'UTF-8 with a mark': Buffer.from(`\ufeff${TEXT}\n`),
    'UTF-16 with a mark': Buffer.from(`\ufeff${TEXT}\r\n`, 'utf16le'),
    'UTF-16 with the bytes swapped': Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16(),
  };
  for (const [encoding, bytes] of Object.entries(WRITTEN)) {
    it(`may be ${encoding}`, async () => {
      expect(await rendered(await fileOf('prompt.md', bytes))).to.equal('Grüße hello 🙂');
    });
  }

  it('of another encoding is refused, with its line, and never sent damaged', async () => {
    const path = await fileOf('latin.md', Buffer.from('first\nGrüße {{ text }}', 'latin1'));
    const failure = await failureOf(() => rendered(path));
    expect(failure.message).to.equal(`${path}, line 2: not valid UTF-8`);
    expect(failure.hint).to.match(/UTF-8/);
    const half = await fileOf('half.md', Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41, 0x00]));
    expect((await failureOf(() => rendered(half))).message).to.match(/not valid UTF-16/);
  });

  it('may render files beside it, which are read as strictly', async () => {
    const path = await fileOf('outer.md', 'Say: {% render "inner", it: text %}');
    await fileOf('inner.liquid', 'ü {{ it }}');
    expect(await rendered(path)).to.equal('Say: ü hello');
    await fileOf('inner.liquid', Buffer.from('ü {{ it }}', 'latin1'));
    expect((await failureOf(() => rendered(path))).message).to.match(
      /inner\.liquid, line 1: not valid UTF-8/,
    );
  });

  it('renders no file from outside of its folder', async () => {
    const path = await fileOf('reach.md', '{% render "../secret.md" %}');
    expect((await failureOf(() => rendered(path))).kind).to.equal('usage');
  });
});
