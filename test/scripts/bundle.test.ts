import { expect } from 'chai';

interface BundleScripts {
  deferRequires(source: string): string;
  trimCore(source: string, path: string): string;
}

describe('the bundle', () => {
  let scripts: BundleScripts;

  before(async () => {
    const folder = '../../scripts/bundle';
    scripts = {
      ...((await import(`${folder}/lazy-requires.mjs`)) as Pick<BundleScripts, 'deferRequires'>),
      ...((await import(`${folder}/trim-core.mjs`)) as Pick<BundleScripts, 'trimCore'>),
    };
  });

  /** Runs CommonJS whose requires give what is named here, and tells which of them were made. */
  function run(source: string, modules: Record<string, unknown>): { exports: unknown; made: string[] } {
    const made: string[] = [];
    const require = (name: string): unknown => (made.push(name), modules[name]);
    const module = { exports: {} };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what the bundler does with this text
    new Function('require', 'module', 'exports', source)(require, module, module.exports);
    return { exports: module.exports, made };
  }

  it('loads a module of oclif when it is first used', () => {
    const source = [
      `const one_1 = require("one");`,
      `const two_1 = __importDefault(require("two"));`,
      `function __importDefault(mod) { return { default: mod }; }`,
      `exports.one = () => (0, one_1.give)();`,
      `exports.two = () => new two_1.default("x");`,
    ].join('\n');
    const modules = { one: { give: () => 1 }, two: class Two {} };
    const { exports, made } = run(scripts.deferRequires(source), modules);
    const { one, two } = exports as { one: () => unknown; two: () => unknown };

    expect(made).to.deep.equal([]);
    expect([one(), one()]).to.deep.equal([1, 1]);
    expect(made).to.deep.equal(['one']);
    expect(two()).to.be.instanceOf(modules.two);
    expect(made).to.deep.equal(['one', 'two']);
  });

  it('leaves other names and other forms of loading as they are', () => {
    const source = `const a_1 = require("a");\nconst { b } = require("b");\nconst x = { a_1: 1 }; x.a_1; aa_1.y;`;
    expect(scripts.deferRequires(source)).to.match(
      /const \{ b \} = require\("b"\);\nconst x = \{ a_1: 1 \}; x\.a_1; aa_1\.y;$/,
    );
  });

  it('does not build on an oclif that has changed where it is trimmed', () => {
    expect(() => scripts.trimCore('nothing of the kind', '/x/@oclif/core/lib/util/os.js')).to.throw(
      '@oclif/core has changed',
    );
    expect(scripts.trimCore('anything', '/x/@oclif/core/lib/args.js')).to.equal('anything');
  });
});
