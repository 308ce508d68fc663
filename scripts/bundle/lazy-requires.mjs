/** How TypeScript writes an import in CommonJS. What follows it is always a member: `name_1.member`. */
const REQUIRE = /^const (\w+_\d+) = ((?:__importDefault\()?require\("[^"]+"\)\)?);$/gm;

/**
 * Makes compiled CommonJS load what it requires when it first uses it, not when it is loaded itself: a program starts
 * with the modules that it needs.
 */
export function deferRequires(source) {
  const names = [];
  const deferred = source.replace(REQUIRE, (_, name, load) => {
    names.push(name);
    return `const ${name} = { get it() { const it = ${load}; Object.defineProperty(this, 'it', { value: it }); return it; } };`;
  });
  return names.reduce(
    (text, name) => text.replace(new RegExp(`(?<![\\w.$])${name}(?=\\.)`, 'g'), `${name}.it`),
    deferred,
  );
}
