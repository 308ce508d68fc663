import { readFile } from 'node:fs/promises';

/** Changes the text of the files that match, before they are bundled. */
export function rewrite(filter, change) {
  return {
    name: 'rewrite',
    setup(build) {
      build.onLoad({ filter }, async ({ path }) => ({
        contents: change(await readFile(path, 'utf8'), path),
        loader: 'js',
      }));
    },
  };
}
