// Writes what is derived from the code: the manifests, and the generated parts of README.md.
// With --check it writes nothing, and fails if anything differs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config, Help, Plugin } from '@oclif/core';

process.env.OCLIF_DISABLE_RC = '1';
process.env.NO_COLOR = '1';
process.env.COLUMNS = '100';
const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');
const stale = [];

await writeManifest('.');
await writeManifest('plugins/sandbox');
await writeReadme();
await writeJsonDocs();
if (stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run: npm run generate`);
  process.exitCode = 1;
}

/** The manifest saves loading every command at start. */
async function writeManifest(folder) {
  const path = join(folder, 'oclif.manifest.json');
  const plugin = new Plugin({
    root: join(root, folder),
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  put(path, `${JSON.stringify(plugin.manifest, undefined, 2)}\n`);
}

async function writeReadme() {
  if (!existsSync(join(root, 'README.md'))) return;
  let text = readFileSync(join(root, 'README.md'), 'utf8');
  const config = await Config.load(root);
  text = replacePart(text, 'providers', await providerMatrix(config));
  text = replacePart(text, 'commands', commandReference(config));
  put('README.md', text);
}

function replacePart(text, name, content) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- ${name}stop -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`README.md has no part ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

async function providerMatrix(config) {
  const { supportMatrix } = await import('../dist/ui/provider-table.js');
  const { ProviderRegistry } = await import('../dist/registry/provider-registry.js');
  const { pluginSources } = await import('../dist/cli/plugin-sources.js');
  const bundled = pluginSources(config).filter(({ origin }) => origin === 'bundled');
  const declarations = new ProviderRegistry(bundled).entries.map(({ declaration }) => declaration);
  const lines = [
    `| Operation | ${declarations.map(({ name }) => name).join(' | ')} |`,
    `|---|${declarations.map(() => '---|').join('')}`,
    ...supportMatrix(declarations).map(
      ({ operation, cells }) =>
        `| **${operation}** | ${cells.map(({ supported, note }) => `${supported ? '✅' : '❌'} ${note}`.trim()).join(' | ')} |`,
    ),
  ];
  return lines.join('\n');
}

/** Our own commands, as their help shows them. */
function commandReference(config) {
  const help = new Help(config, { stripAnsi: true, maxWidth: 100, hideCommandSummaryInDescription: true });
  return config.commands
    .filter((command) => !command.hidden && /instructor-cli/.test(command.pluginName ?? ''))
    .sort((a, b) => a.id.localeCompare(b.id, 'en'))
    .map((command) => {
      const title = `${config.bin} ${command.id.replaceAll(':', ' ')}`;
      const body = help
        .formatCommand(command)
        .split('\n')
        .map((line) => line.trimEnd())
        .join('\n')
        .trim();
      return `### \`${title}\`\n\n\`\`\`text\n${body}\n\`\`\``;
    })
    .join('\n\n');
}

/** What `--json` prints, from the schemas that the tests hold it against. */
async function writeJsonDocs() {
  const { tsImport } = await import('tsx/esm/api');
  const source = readFileSync(join(root, 'test/support/json-schemas.ts'), 'utf8');
  const schemas = await tsImport('../test/support/json-schemas.ts', import.meta.url);
  const { z } = await import('zod');
  const parts = [...source.matchAll(/\/\*\* (.+) \*\/\nexport const (\w+)Schema = /g)].map(
    ([, comment, name]) => {
      const schema = z.toJSONSchema(schemas[`${name}Schema`]);
      delete schema.$schema;
      return `## ${titleOf(name)}\n\n${comment}\n\n\`\`\`json\n${JSON.stringify(schema, undefined, 2)}\n\`\`\``;
    },
  );
  const intro =
    'Every command takes `--json` and then prints one JSON document on standard output; `batch list --live` prints one a ' +
    'line. Facts that are not known are null. Times are ISO 8601 in UTC. The schemas below are those that the tests hold ' +
    'the output against.';
  put('docs/json.md', `# JSON output\n\n${intro}\n\n${parts.join('\n\n')}\n`);
}

function titleOf(name) {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function put(path, text) {
  const full = join(root, path);
  const before = existsSync(full) ? readFileSync(full, 'utf8') : '';
  if (before === text) return;
  if (check) stale.push(path);
  else {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    console.log(`wrote ${path}`);
  }
}
