import { z } from 'zod';
import { CONTRACT_VERSION, ENCODINGS } from '../contract/declaration.js';
import { patternProblem, staysInside } from '../declaration/checks.js';

const texts = z.array(z.string());
/** The first of a list is the default, so there has to be one. */
const choices = texts.min(1);
const count = z.number().positive();

const pattern = z.string().refine(isPattern, { error: 'must be a regular expression' });

const capability = z.object({ supported: z.boolean(), note: z.string().optional() });

const capabilities = z.object({
  list: capability,
  create: capability,
  cancel: capability,
  delete: capability,
  deleteFiles: capability.optional(),
  results: capability,
  direct: capability.optional(),
  metadata: z.object({ maxPairs: count, maxKeyLength: count, maxValueLength: count }).optional(),
  expiry: z.object({ minSeconds: count, maxSeconds: count }).optional(),
  partialResults: z.boolean(),
});

const limits = z.object({
  requests: count.optional(),
  bytes: count.optional(),
  tokens: count.optional(),
  customId: pattern.optional(),
  oneModelPerBatch: z.boolean().optional(),
});

const tokenizer = z.object({
  match: pattern,
  encoding: z.enum(ENCODINGS),
  factor: count.optional(),
  errorPercent: count.optional(),
});

/** One provider of a declaration. Judges like the guard of the host, and names every problem instead of the first. */
export const providerDeclarationSchema = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes'),
  name: z.string().min(1),
  module: z
    .string()
    .refine(staysInside, { error: 'must be a path inside the plugin, such as ./dist/index.js' }),
  credentials: texts,
  baseUrlEnv: z.string().optional(),
  defaultModel: z.string().optional(),
  batchIdPattern: pattern.optional(),
  protocol: z.string().optional(),
  requestKeys: choices.optional(),
  counts: texts,
  completionWindows: choices.optional(),
  endpoints: choices.optional(),
  capabilities,
  limits,
  tokenizers: z.array(tokenizer).optional(),
  prices: z
    .string()
    .refine(staysInside, { error: 'must be a path inside the plugin, such as ./prices.json' })
    .optional(),
});

/** The `instructor` key of a plugin's package.json. */
export const pluginDeclarationSchema = z.object({
  contract: z.literal(CONTRACT_VERSION),
  providers: z.array(providerDeclarationSchema).refine(haveOwnIds, { error: 'an id is declared twice' }),
});

function haveOwnIds(providers: { id: string }[]): boolean {
  return new Set(providers.map(({ id }) => id)).size === providers.length;
}

function isPattern(text: string): boolean {
  return patternProblem(text, '') === undefined;
}
