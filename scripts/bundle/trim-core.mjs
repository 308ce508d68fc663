/**
 * What oclif does at every start although this program does not need it. Each entry leaves the behaviour as it is; the
 * build fails where the text is not found, so that a newer oclif is looked at again.
 */
const TRIMS = {
  // The first comparison by locale loads the collation tables. Ids are plain words, and help sorts them itself.
  'config/plugin.js': [
    ['.sort((a, b) => a.id.localeCompare(b.id))', '.sort((a, b) => (a.id < b.id ? -1 : 1))'],
  ],
  // Plugins are listed by their names; a pattern is for those who want one.
  'config/plugin-loader.js': [
    [
      'patterns.some((w) => (0, minimatch_1.minimatch)(p, w))',
      'patterns.some((w) => p === w || (/[*?{[(!]/.test(w) && (0, minimatch_1.minimatch)(p, w)))',
    ],
  ],
  // Of the library around it, only this much is asked for to name the platform.
  'util/os.js': [["(await import('wsl-utils')).isWsl", "require('is-wsl').default"]],
  // Sixteen small files are read at a start. Each of them would wait for its turn in a pool of threads.
  'util/fs.js': [
    ["await (0, promises_1.readFile)(path, 'utf8')", "(0, node_fs_1.readFileSync)(path, 'utf8')"],
  ],
  // `run` would make a second logger, only to throw it away.
  'logger.js': [
    [
      'function setLogger(loadOptions) {',
      "function setLogger(loadOptions) {\n    if (cachedLoggers.has('root')) return;",
    ],
  ],
  // A plugin lies in a node_modules above, which is looked for second otherwise, behind a resolution that is slower.
  'util/find-root.js': [
    [
      'async function findRoot(name, root) {\n    if (name) {',
      `async function findRoot(name, root) {
    if (name) {
        const near = nearestPackage(name, root);
        if (near) return near;`,
    ],
    [
      'async function findPluginRoot(root, name) {',
      `function nearestPackage(name, root) {
    const { existsSync, realpathSync } = require('node:fs');
    for (const next of up(root)) {
        const folder = (0, node_path_1.join)(next, 'node_modules', name);
        if (existsSync((0, node_path_1.join)(folder, 'package.json'))) return realpathSync(folder);
    }
}
async function findPluginRoot(root, name) {`,
    ],
  ],
};

/** Applies them to the text of one file of @oclif/core. */
export function trimCore(source, path) {
  const file = Object.keys(TRIMS).find((name) => path.replaceAll('\\', '/').endsWith(`/lib/${name}`));
  return (TRIMS[file] ?? []).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`@oclif/core has changed: "${from}" is not in ${path}`);
    return text.replace(from, () => to);
  }, source);
}
