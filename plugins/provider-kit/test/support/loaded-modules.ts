import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a script in a fresh process and gives the files that were loaded from packages of others, most of all from
 * the SDKs. The hook sees modules of both kinds.
 */
export async function loadedPackages(script: string): Promise<string[]> {
  const hook = `
    export async function load(url, context, next) {
      if (url.includes('/node_modules/')) process._rawDebug('LOADED ' + url);
      return next(url, context);
    }`;
  const code = `
    import { register } from 'node:module';
    import Module from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    ${script}
    for (const file of Object.keys(Module._cache)) process._rawDebug('LOADED ' + file);`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    env: { PATH: process.env['PATH'] },
  });
  return [...stderr.matchAll(/^LOADED .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name!);
}
