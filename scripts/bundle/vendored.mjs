const ASKED = 'vendored';

/**
 * Leaves some libraries out of a bundle of CommonJS: they are required from `folder`, a file each, when they are used.
 * What was asked for, and where it lies, is put into `found`.
 */
export function vendored(names, folder, found) {
  return {
    name: 'vendored',
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === ASKED || !names.includes(path)) return undefined;
        const { path: place, errors } = await build.resolve(path, {
          importer,
          resolveDir,
          kind,
          pluginData: ASKED,
        });
        if (errors.length > 0) return { errors };
        if ((found.get(path) ?? place) !== place) {
          return { errors: [{ text: `${path} is there in two copies: ${found.get(path)} and ${place}` }] };
        }
        found.set(path, place);
        return { path: `${folder}/${fileNameOf(path)}`, external: true };
      });
    },
  };
}

/** `import()` of one of them as a `require`, which needs no guess about what is its default. */
export function requireVendored(source, names) {
  return source.replace(/\bimport\('([^']+)'\)/g, (all, name) =>
    names.includes(name) ? `Promise.resolve(require('${name}'))` : all,
  );
}

export function fileNameOf(name) {
  return `${name.replace(/\.js$/, '').replaceAll(/[@/]/g, '-')}.cjs`;
}
