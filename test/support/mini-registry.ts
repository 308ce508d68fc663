import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { create as createTarball } from 'tar';
import type { Packed } from './npm.js';
import { ROOT } from './run-instructor.js';

/** A read-only npm registry on this machine. */
export interface MiniRegistry {
  url: string;
  /** What was asked for and is not there. */
  missing: string[];
  close(): Promise<void>;
}

interface Published {
  packageJson: Record<string, unknown>;
  send(answer: ServerResponse): void;
}

type Shelf = Map<string, Map<string, Published>>;

/**
 * Serves packages that were packed, and everything that is installed here as if it had been published: tarballs of
 * dependencies are made when somebody asks for them. So `npm install` works without a network.
 */
export async function startMiniRegistry(packed: readonly Packed[]): Promise<MiniRegistry> {
  const shelf: Shelf = new Map();
  for (const { name, version, folder, bundles } of installedPackages()) {
    put(shelf, name, version, { packageJson: readPackage(folder), send: sendFolder(folder, bundles) });
  }
  for (const { name, version, path } of packed) {
    put(shelf, name, version, {
      packageJson: await packageJsonIn(path),
      send: (answer) => pipeline(createReadStream(path), answer, () => undefined),
    });
  }
  const missing: string[] = [];
  let url = '';
  const server = createServer((request, answer) => {
    const path = decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/').slice(1);
    const [name = '', version] = path.split('/-/');
    const versions = shelf.get(name);
    const tarball = version === undefined ? undefined : versions?.get(version.replace(/\.tgz$/, ''));
    if (tarball) tarball.send(answer);
    else if (versions && version === undefined) {
      answer
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(packument(url, name, versions)));
    } else {
      missing.push(path);
      answer.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    missing,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Installed {
  name: string;
  version: string;
  folder: string;
  /** Whether the package was published with its own dependencies inside. */
  bundles: boolean;
}

interface LockEntry {
  name?: string;
  version?: string;
  link?: boolean;
  inBundle?: boolean;
  bundleDependencies?: unknown;
}

/** Every installed version of every package, nested ones too. Workspaces are not among them: they get packed. */
function installedPackages(): Installed[] {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    const inside = path.lastIndexOf('node_modules/');
    const folder = join(ROOT, path);
    if (inside === -1 || entry.link || entry.inBundle || entry.version === undefined) return [];
    // Packages for other platforms are in the lock file only.
    if (!existsSync(join(folder, 'package.json'))) return [];
    const name = entry.name ?? path.slice(inside + 'node_modules/'.length);
    return [{ name, version: entry.version, folder, bundles: Boolean(entry.bundleDependencies) }];
  });
}

function put(shelf: Shelf, name: string, version: string, published: Published): void {
  const versions = shelf.get(name) ?? new Map<string, Published>();
  shelf.set(name, versions.set(version, published));
}

function readPackage(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
}

async function packageJsonIn(tarball: string): Promise<Record<string, unknown>> {
  const { list } = await import('tar');
  const chunks: Buffer[] = [];
  await list({
    file: tarball,
    onReadEntry: (entry) => {
      if (entry.path === 'package/package.json') entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    },
  });
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
}

function sendFolder(folder: string, bundles: boolean): Published['send'] {
  const filter = (path: string): boolean => bundles || !path.split('/').includes('node_modules');
  return (answer) => {
    const tarball = createTarball(
      { cwd: folder, prefix: 'package', gzip: { level: 1 }, portable: true, filter },
      ['.'],
    );
    pipeline(tarball as unknown as NodeJS.ReadableStream, answer, () => undefined);
  };
}

function packument(url: string, name: string, versions: Map<string, Published>): Record<string, unknown> {
  const newest = [...versions.keys()].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  const manifests = [...versions].map(([version, { packageJson }]) => [
    version,
    { ...packageJson, dist: { tarball: `${url}/${name}/-/${version}.tgz` } },
  ]);
  return { name, 'dist-tags': { latest: newest }, versions: Object.fromEntries(manifests) as unknown };
}
