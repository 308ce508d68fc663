#!/usr/bin/env node
// CommonJS (see the package.json beside it): the loader of ECMAScript modules takes its time to start.
// Declarations of plugins are data: no configuration file of theirs is ever executed at start.
process.env.OCLIF_DISABLE_RC = '1';
// A plugin may bring a newer @oclif/core, which would warn about Node 20 at every start.
process.env.OCLIF_DISABLE_ENGINE_WARNING = '1';

if (process.argv[2] === '--version') {
  const { name, version } = require('../package.json');
  console.log(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}`);
} else {
  // Compiled code is kept between runs, from Node 22 on. Node checks that it still fits.
  require('node:module').enableCompileCache?.();
  const { start } = require('../dist/cli/main.cjs');
  start(process.argv.slice(2), require('node:path').dirname(__dirname));
}
