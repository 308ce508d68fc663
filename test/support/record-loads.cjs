// Required into a program: writes down every file it loads, as CommonJS or as a module.
const { appendFileSync } = require('node:fs');
const Module = require('node:module');

const place = process.env.RECORD_LOADS;
const load = Module._load;
Module._load = function (request, parent, isMain) {
  if (!Module.isBuiltin(request))
    appendFileSync(place, `${Module._resolveFilename(request, parent, isMain)}\n`);
  return load.call(this, request, parent, isMain);
};
const hooks = `
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
export async function load(url, context, next) {
  if (url.startsWith('file:')) appendFileSync(${JSON.stringify(place)}, fileURLToPath(url) + '\\n');
  return next(url, context);
}`;
Module.register(`data:text/javascript,${encodeURIComponent(hooks)}`);
