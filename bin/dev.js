#!/usr/bin/env node
// Runs from the sources: `npm run build` is needed for the plugins only.
import { execute } from '@oclif/core';

process.env.OCLIF_DISABLE_RC = '1';
await execute({ development: true, dir: import.meta.url });
