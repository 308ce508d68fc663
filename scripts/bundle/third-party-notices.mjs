import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Every library of which code went into bundles, with its version and its licence. */
export function thirdPartyNotices(files, ownScope) {
  const packages = new Map();
  for (const file of files) {
    const folder = packageOf(file);
    if (folder === undefined) continue;
    const { name, version, license, repository, homepage } = readPackage(folder);
    if (name.startsWith(ownScope)) continue;
    const source = homepage ?? repository?.url ?? repository;
    packages.set(`${name} ${version}`, { license, source, text: licenceOf(folder) });
  }
  const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = sorted.map(
    ([title, { license, source, text }]) =>
      `## ${title}\n\nLicence: ${license ?? 'see its source'}  \nSource: ${source ?? 'npm'}\n${text ? `\n${quoted(text)}\n` : ''}`,
  );
  return `# Third-party notices\n\nThe files of this folder hold code of these packages.\n\n${parts.join('\n')}`;
}

/** Licences have headings of their own. */
function quoted(text) {
  return text
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

function packageOf(file) {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (!folder.includes('node_modules')) return undefined;
    if (existsSync(join(folder, 'package.json')) && readPackage(folder).version) return folder;
  }
  return undefined;
}

function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function licenceOf(folder) {
  const name = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return name === undefined ? '' : readFileSync(join(folder, name), 'utf8').trim();
}
