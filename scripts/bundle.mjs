// Makes of the compiled program what starts fast: one file with the commands and with what oclif needs to start, beside
// it the libraries that only some commands need, and each provider in one piece with its SDK.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { deferRequires } from './bundle/lazy-requires.mjs';
import { rewrite } from './bundle/rewrite.mjs';
import { trimCore } from './bundle/trim-core.mjs';
import { thirdPartyNotices } from './bundle/third-party-notices.mjs';
import { fileNameOf, requireVendored, vendored } from './bundle/vendored.mjs';
import { withoutEndpoints } from './bundle/without-endpoints.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Libraries that a start does not need: each is a file of its own, read when it is used. */
const VENDORED = [
  // Ours.
  ...['ajv', 'ajv-formats', 'ajv/dist/2020.js', 'cli-table3', 'csv-stringify/sync', 'log-update', 'ora'],
  ...['csv-parse', 'hyparquet', 'hyparquet/src/thrift.js', 'hyparquet-compressors', 'hyparquet-writer'],
  'liquidjs',
  ...['bpeRanks/cl100k_base', 'bpeRanks/o200k_base', 'encodingParams/constants'].map(
    (part) => `gpt-tokenizer/${part}`,
  ),
  // oclif's.
  ...['ansi-escapes', 'cli-spinners', 'debug', 'ejs', 'lilconfig', 'minimatch', 'string-width', 'tinyglobby'],
  ...['widest-line', 'wrap-ansi', 'wsl-utils'],
];
/** Looked for beside the user's files first, or there alone. */
const EXTERNAL = ['jiti', 'zod', 'typescript', 'tsx', 'ts-node'];

/** Names are kept, and lines are short: an error shows where it comes from. */
const MINIFIED = { minifyWhitespace: true, minifySyntax: true, lineLimit: 160, legalComments: 'none' };

const COMMON = {
  ...MINIFIED,
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  metafile: true,
  logLevel: 'warning',
};

await bundleHost('dist');
for (const provider of ['openai', 'anthropic']) await bundleProvider(`plugins/${provider}`);

async function bundleHost(dist) {
  rmSync(join(root, dist, 'vendor'), { recursive: true, force: true });
  const libraries = new Map();
  const vendorise = (source) => requireVendored(source, VENDORED);
  const main = await build({
    ...COMMON,
    stdin: { contents: hostEntry(join(root, dist)), resolveDir: join(root, dist) },
    outfile: `${dist}/cli/main.cjs`,
    format: 'cjs',
    external: EXTERNAL,
    define: { 'import.meta.url': 'importMetaUrl' },
    banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
    plugins: [
      vendored(VENDORED, '../vendor', libraries),
      rewrite(/@oclif[\\/]core[\\/]lib[\\/].*\.js$/, (source, path) =>
        vendorise(deferRequires(trimCore(source, path))),
      ),
      rewrite(/[\\/]dist[\\/].*\.js$/, vendorise),
    ],
  });
  const others = [...libraries].map(([name, place]) =>
    build({
      ...COMMON,
      stdin: { contents: `module.exports = require(${JSON.stringify(place)})`, resolveDir: dirname(place) },
      outfile: `${dist}/vendor/${fileNameOf(name)}`,
      format: 'cjs',
      minifyIdentifiers: true,
    }),
  );
  writeNotices(dist, [main, ...(await Promise.all(others))]);
}

/** The program, and its commands by their ids, each read when it is asked for. */
function hostEntry(dist) {
  const commands = readdirSync(join(dist, 'commands'), { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => name.replaceAll('\\', '/').slice(0, -'.js'.length))
    .map(
      (name) => `get '${name.replaceAll('/', ':')}'() { return require('./commands/${name}.js').default; },`,
    );
  return `export { start } from './cli/start.js';\nexport const COMMANDS = {\n${commands.join('\n')}\n};`;
}

async function bundleProvider(folder) {
  rmSync(join(root, folder, 'dist/chunks'), { recursive: true, force: true });
  const bundle = await build({
    ...COMMON,
    entryPoints: [`${folder}/src/index.ts`],
    outdir: `${folder}/dist`,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    plugins: [rewrite(/[\\/]openai[\\/]resources[\\/].*\.mjs$/, withoutEndpoints)],
  });
  for (const [file, { inputs }] of Object.entries(bundle.metafile.outputs)) {
    // Names of ours are kept; an SDK's only make it longer to read.
    if (!Object.keys(inputs).every((input) => /node_modules\/|\/src\/sdk\.ts$/.test(input))) continue;
    const { code } = await transform(readFileSync(join(root, file), 'utf8'), {
      ...MINIFIED,
      minifyIdentifiers: true,
    });
    writeFileSync(join(root, file), code);
  }
  writeNotices(`${folder}/dist`, [bundle]);
}

function writeNotices(dist, bundles) {
  const files = bundles
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .map((file) => join(root, file));
  writeFileSync(join(root, dist, 'THIRD-PARTY-NOTICES.md'), thirdPartyNotices(files, '@instructor-cli/'));
}
