#!/usr/bin/env node
// Runs the host from its sources; the plugins from what `npm run build` made of them.
process.env.OCLIF_DISABLE_RC = '1';
process.env.OCLIF_DISABLE_ENGINE_WARNING = '1';

require('tsx/esm/api').register();
import('../src/cli/start.ts').then(({ start }) =>
  start(process.argv.slice(2), require('node:path').dirname(__dirname), {
    strategy: 'pattern',
    target: './src/commands',
  }),
);
