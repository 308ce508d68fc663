#!/usr/bin/env node
// Declarations of plugins are data: no configuration file of theirs is ever executed at start.
process.env.OCLIF_DISABLE_RC = '1';
// A plugin may bring a newer @oclif/core, which would warn about Node 20 at every start.
process.env.OCLIF_DISABLE_ENGINE_WARNING = '1';

if (process.argv[2] === '--version') {
  const { readFileSync } = await import('node:fs');
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`);
} else {
  const { start } = await import('../dist/cli/start.js');
  await start(process.argv.slice(2), import.meta.url);
}
