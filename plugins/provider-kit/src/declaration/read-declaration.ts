import {
  CONTRACT_VERSION,
  ENCODINGS,
  OPERATIONS,
  type PluginDeclaration,
  type ProviderDeclaration,
} from '../contract/declaration.js';
import { isCount, isRecord, isTextList, patternProblem, staysInside } from './checks.js';

/** What reading an `instructor` key came to: the providers that can be used, and why the others cannot. */
export interface ReadDeclaration {
  providers: ProviderDeclaration[];
  /** One sentence each, without the plugin's name. */
  problems: string[];
}

/**
 * Reads the `instructor` key of a plugin's package.json, which anybody may have written.
 * By hand and not with a schema library: it runs at every start of the host.
 */
export function readDeclaration(declared: unknown): ReadDeclaration {
  const plugin = declared as Partial<PluginDeclaration> | null;
  if (!isRecord(plugin)) return broken('instructor: must be an object');
  if (plugin.contract !== CONTRACT_VERSION) {
    const newer = typeof plugin.contract === 'number' && plugin.contract > CONTRACT_VERSION;
    return broken(
      `instructor.contract: ${JSON.stringify(plugin.contract)} is not known here, this instructor speaks contract ${CONTRACT_VERSION}` +
        (newer ? '; update instructor' : ''),
    );
  }
  if (!Array.isArray(plugin.providers)) return broken('instructor.providers: must be a list');

  const read: ReadDeclaration = { providers: [], problems: [] };
  for (const [index, provider] of plugin.providers.entries()) {
    const at = `instructor.providers[${index}]`;
    const problem = firstProblem(provider, at);
    if (problem) read.problems.push(problem);
    else if (read.providers.some(({ id }) => id === provider.id))
      read.problems.push(`${at}.id: ${JSON.stringify(provider.id)} is declared twice`);
    else read.providers.push(provider);
  }
  return read;
}

function broken(problem: string): ReadDeclaration {
  return { providers: [], problems: [problem] };
}

function firstProblem(provider: unknown, at: string): string | undefined {
  if (!isRecord(provider)) return `${at}: must be an object`;
  const { id, name, module, credentials, counts, capabilities, limits } = provider;
  if (typeof id !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(id)) {
    return `${at}.id: must be lower-case letters, digits and dashes`;
  }
  if (typeof name !== 'string' || name === '') return `${at}.name: must be a text`;
  if (typeof module !== 'string' || !staysInside(module)) {
    return `${at}.module: must be a path inside the plugin, such as ./dist/index.js`;
  }
  if (!isTextList(credentials)) return `${at}.credentials: must be a list of environment variables`;
  if (!isTextList(counts)) return `${at}.counts: must be a list of names`;
  for (const key of ['baseUrlEnv', 'defaultModel', 'protocol'] as const) {
    const value = provider[key];
    if (value !== undefined && typeof value !== 'string') return `${at}.${key}: must be a text`;
  }
  for (const key of ['requestKeys', 'completionWindows', 'endpoints'] as const) {
    const value = provider[key];
    // The first of a list is the default, so there has to be one.
    if (value !== undefined && !(isTextList(value) && value.length > 0))
      return `${at}.${key}: must be a list of texts`;
  }
  return (
    patternProblem(provider['batchIdPattern'], `${at}.batchIdPattern`) ??
    capabilitiesProblem(capabilities, `${at}.capabilities`) ??
    limitsProblem(limits, `${at}.limits`) ??
    tokenizersProblem(provider['tokenizers'], `${at}.tokenizers`) ??
    pricesProblem(provider['prices'], `${at}.prices`)
  );
}

/** Operations that older plugins do not speak of. */
const OPTIONAL: ReadonlySet<string> = new Set(['deleteFiles', 'direct']);

function capabilitiesProblem(capabilities: unknown, at: string): string | undefined {
  if (!isRecord(capabilities)) return `${at}: must be an object`;
  for (const operation of OPERATIONS) {
    const capability = capabilities[operation];
    if (capability === undefined && OPTIONAL.has(operation)) continue;
    if (!isRecord(capability) || typeof capability['supported'] !== 'boolean') {
      return `${at}.${operation}: must be {"supported": true or false, "note": "…"}`;
    }
    if (capability['note'] !== undefined && typeof capability['note'] !== 'string') {
      return `${at}.${operation}.note: must be a text`;
    }
  }
  const { expiry, metadata, partialResults } = capabilities;
  if (
    expiry !== undefined &&
    !(isRecord(expiry) && isCount(expiry['minSeconds']) && isCount(expiry['maxSeconds']))
  ) {
    return `${at}.expiry: must have the numbers minSeconds and maxSeconds`;
  }
  if (typeof partialResults !== 'boolean') return `${at}.partialResults: must be true or false`;
  if (metadata === undefined) return undefined;
  const complete =
    isRecord(metadata) &&
    ['maxPairs', 'maxKeyLength', 'maxValueLength'].every((key) => isCount(metadata[key]));
  return complete
    ? undefined
    : `${at}.metadata: must have the numbers maxPairs, maxKeyLength and maxValueLength`;
}

function limitsProblem(limits: unknown, at: string): string | undefined {
  if (!isRecord(limits)) return `${at}: must be an object`;
  for (const key of ['requests', 'bytes', 'tokens'] as const) {
    if (limits[key] !== undefined && !isCount(limits[key])) return `${at}.${key}: must be a number above 0`;
  }
  if (limits['oneModelPerBatch'] !== undefined && typeof limits['oneModelPerBatch'] !== 'boolean') {
    return `${at}.oneModelPerBatch: must be true or false`;
  }
  return patternProblem(limits['customId'], `${at}.customId`);
}

function tokenizersProblem(tokenizers: unknown, at: string): string | undefined {
  if (tokenizers === undefined) return undefined;
  if (!Array.isArray(tokenizers)) return `${at}: must be a list`;
  for (const [index, tokenizer] of tokenizers.entries()) {
    const place = `${at}[${index}]`;
    if (!isRecord(tokenizer)) return `${place}: must be an object`;
    const { match, encoding } = tokenizer;
    if (typeof match !== 'string') return `${place}.match: must be a regular expression`;
    const problem = patternProblem(match, `${place}.match`);
    if (problem) return problem;
    if (!ENCODINGS.some((known) => known === encoding)) {
      return `${place}.encoding: must be ${ENCODINGS.join(' or ')}`;
    }
    for (const key of ['factor', 'errorPercent'] as const) {
      if (tokenizer[key] !== undefined && !isCount(tokenizer[key]))
        return `${place}.${key}: must be a number above 0`;
    }
  }
  return undefined;
}

function pricesProblem(prices: unknown, at: string): string | undefined {
  if (prices === undefined || (typeof prices === 'string' && staysInside(prices))) return undefined;
  return `${at}: must be a path inside the plugin, such as ./prices.json`;
}
