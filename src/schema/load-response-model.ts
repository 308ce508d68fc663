import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, isAbsolute, resolve } from 'node:path';
import { importUserModule } from './import-user-module.js';
import { nearestNames } from '../failure/nearest-names.js';
import { ResponseModelError } from './response-model-error.js';
import { schemaKind, toResponseModel, type ResponseModel } from './response-model.js';

const MODULE_EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

/**
 * Loads a model of the answers from a file of the user's.
 *
 * @param spec `schema.ts#Person`, `schema.ts` for the default or only schema of a module, or `schema.json`
 * @example
 * const model = await loadResponseModel('schemas/person.ts#Person');
 */
export async function loadResponseModel(spec: string, cwd: string = process.cwd()): Promise<ResponseModel> {
  const { file, exportName } = parseSpec(spec, cwd);
  const extension = extname(file).toLowerCase();
  if (extension === '.json') return loadJson(file, exportName);
  if (!MODULE_EXTENSIONS.includes(extension)) {
    throw new ResponseModelError(
      `${file} is not a file that can hold a schema`,
      `Use one of ${MODULE_EXTENSIONS.join(', ')} or .json.`,
    );
  }
  const exported = schemasOf(await importUserModule(file));
  const name = exportName ?? chooseExport(exported, file);
  if (!exported.has(name)) throw noSuchExport(name, exported, file);
  const value = exported.get(name);
  const label = name === 'default' ? undefined : name;
  const model = await toResponseModel(value, label);
  // A default export has no name of its own but its title; the file's name says more than "response".
  return model.name === 'response' && !label ? { ...model, name: basename(file, extname(file)) } : model;
}

function parseSpec(spec: string, cwd: string): { file: string; exportName?: string } {
  const at = (path: string) => (isAbsolute(path) ? path : resolve(cwd, path));
  if (existsSync(at(spec))) return { file: at(spec) };
  const hash = spec.lastIndexOf('#');
  const path = hash < 0 ? spec : spec.slice(0, hash);
  const exportName = hash < 0 ? '' : spec.slice(hash + 1);
  if (path === '' || !existsSync(at(path))) {
    throw new ResponseModelError(
      `The schema file ${path === '' ? `"${spec}"` : at(path)} does not exist`,
      'Give the path of a file, and the export after "#": schemas.ts#Person',
    );
  }
  return { file: at(path), ...(exportName ? { exportName } : {}) };
}

async function loadJson(file: string, exportName: string | undefined): Promise<ResponseModel> {
  if (exportName) {
    throw new ResponseModelError(
      `${file} holds one schema, so "#${exportName}" cannot be chosen`,
      'Leave out the part after "#".',
    );
  }
  let schema: unknown;
  try {
    schema = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new ResponseModelError(
      `${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      'Correct the file.',
      error,
    );
  }
  if (schemaKind(schema) !== 'json-schema') {
    throw new ResponseModelError(
      `${file} is not a JSON Schema`,
      'Write one, such as {"type": "object", "properties": { … }}.',
    );
  }
  const model = await toResponseModel(schema);
  return model.name === 'response' ? { ...model, name: basename(file, extname(file)) } : model;
}

/** What a module exports, by name. CommonJS modules have all of it under `default`, or are the schema themselves. */
function schemasOf(module: Record<string, unknown>): Map<string, unknown> {
  if (!module.__esModule && schemaKind(module)) return new Map([['default', module]]);
  const { default: main } = module;
  const inner = typeof main === 'object' && main !== null && !schemaKind(main) ? Object.entries(main) : [];
  const named = [...inner, ...Object.entries(module)];
  return new Map(named.filter(([name]) => name !== '__esModule' && name !== 'module.exports'));
}

function chooseExport(exported: Map<string, unknown>, file: string): string {
  if (schemaKind(exported.get('default'))) return 'default';
  const candidates = [...exported.keys()].filter((name) => schemaKind(exported.get(name)));
  const [only] = candidates;
  if (candidates.length === 1 && only) return only;
  if (candidates.length === 0) {
    throw new ResponseModelError(
      `${file} exports no schema`,
      'Export a zod schema or a JSON Schema object: export const Person = z.object({ … })',
    );
  }
  throw new ResponseModelError(
    `${file} exports several schemas: ${candidates.join(', ')}`,
    `Choose one: ${basename(file)}#${only}`,
  );
}

function noSuchExport(name: string, exported: Map<string, unknown>, file: string): ResponseModelError {
  const names = [...exported.keys()].filter((candidate) => schemaKind(exported.get(candidate)));
  const near = nearestNames(name, names);
  const rest = names.length > 0 ? `It exports ${names.join(', ')}.` : 'It exports no schema.';
  return new ResponseModelError(
    `${file} has no export "${name}"`,
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : rest,
  );
}
