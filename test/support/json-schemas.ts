import { z } from 'zod';

/**
 * What `--json` prints, command by command. Objects are strict: a key more or less is a change that scripts notice.
 * Facts that are not known are null, never absent.
 */
const moment = z.iso.datetime();
const count = z.int().nonnegative();

const status = z.enum(['pending', 'processing', 'cancelling', 'completed', 'failed', 'cancelled', 'expired']);

const outcome = z.enum([
  'succeeded',
  'invalid',
  'refused',
  'truncated',
  'errored',
  'cancelled',
  'expired',
  'missing',
]);

const fileKind = z.enum(['input', 'output', 'errors']);

export const batchSchema = z.strictObject({
  id: z.string(),
  provider: z.string(),
  status,
  /** The provider's own word for the status. */
  raw_status: z.string(),
  endpoint: z.string().nullable(),
  model: z.string().nullable(),
  completion_window: z.string().nullable(),
  created_at: moment.nullable(),
  started_at: moment.nullable(),
  finalizing_at: moment.nullable(),
  cancelling_at: moment.nullable(),
  ended_at: moment.nullable(),
  expires_at: moment.nullable(),
  archived_at: moment.nullable(),
  /** The provider's own counts, under its own names. */
  counts: z.record(z.string(), count.nullable()),
  requests: z.strictObject({
    total: count.nullable(),
    succeeded: count.nullable(),
    failed: count.nullable(),
    processing: count.nullable(),
  }),
  usage: z
    .strictObject({
      input_tokens: count.nullable(),
      cached_input_tokens: count.nullable(),
      output_tokens: count.nullable(),
      reasoning_tokens: count.nullable(),
    })
    .nullable(),
  metadata: z.record(z.string(), z.string()),
  /** Why the batch failed, with the line of the request file where there is one. */
  problems: z.array(
    z.strictObject({
      code: z.string().nullable(),
      message: z.string(),
      line: count.nullable(),
      param: z.string().nullable(),
    }),
  ),
  files: z.array(z.strictObject({ kind: fileKind, id: z.string() })),
});

/** `batch list`; with `--live` one such document a line. */
export const listSchema = z.strictObject({ batches: z.array(batchSchema) });

/** `batch create`; `batch` only with `--submit`. */
export const createSchema = z.strictObject({
  file: z.string(),
  provider: z.string(),
  model: z.string(),
  endpoint: z.string().nullable(),
  requests: count,
  bytes: count,
  /** With `--skip-bad-rows`: how many were left out, and the file that they are in. */
  skipped: z.strictObject({ rows: count, file: z.string().nullable() }).nullable(),
  batch: batchSchema.nullable(),
});

/** `batch create --preview`. */
export const previewSchema = z.strictObject({
  preview: z.array(
    z.strictObject({ line: count, id: z.string(), request: z.record(z.string(), z.unknown()) }),
  ),
  problems: z.array(
    z.strictObject({
      line: count.optional(),
      row: count.optional(),
      custom_id: z.string().optional(),
      code: z.string(),
      message: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

/** `batch create-from-file`. */
export const createFromFileSchema = z.strictObject({ batch: batchSchema, requests: count, bytes: count });

/** `batch validate`. */
export const validateSchema = z.strictObject({
  file: z.string(),
  provider: z.string(),
  requests: count,
  bytes: count,
  models: z.array(z.string()),
  endpoint: z.string().nullable(),
  /** Whether it is no more than one batch takes. */
  one_batch: z.boolean(),
});

/** `batch stats`; tokens that are estimated come with `error_percent`. */
export const statsSchema = z.strictObject({
  file: z.string(),
  provider: z.string(),
  requests: count,
  bytes: count,
  endpoint: z.string().nullable(),
  models: z.array(z.strictObject({ model: z.string(), requests: count })),
  input_tokens: z.strictObject({
    total: count,
    /** Requests whose tokens were counted. */
    requests: count,
    mean: z.number().nonnegative(),
    median: count,
    p95: count,
    max: count,
    encodings: z.array(z.string()),
    error_percent: z.number().nullable(),
    /** Models whose tokenizer is not public. */
    estimated_models: z.array(z.string()),
    /** Models that no tokenizer is known for. */
    uncounted_models: z.array(z.string()),
  }),
  max_output_tokens: z.strictObject({ total: count, requests_without_limit: count }),
  images: count,
  longest: z.array(z.strictObject({ line: count, custom_id: z.string().nullable(), tokens: count })),
  batches: count,
  /** With `--max-tokens-per-batch`. */
  batches_by_tokens: z
    .strictObject({ batches: count, max_tokens: count, requests_too_large: count })
    .nullable(),
  /** What `batch validate` would find. */
  problems: count,
});

/** `batch convert`. */
export const convertSchema = z.strictObject({
  file: z.string(),
  /** The provider that the requests were for. */
  from: z.string(),
  provider: z.string(),
  model: z.string(),
  endpoint: z.string().nullable(),
  requests: count,
  bytes: count,
  /** Whether it is no more than one batch takes. */
  one_batch: z.boolean(),
  from_models: z.array(z.string()),
  /** What has no counterpart, and the number of requests that had it. */
  left_out: z.array(z.strictObject({ name: z.string(), requests: count })),
  notes: z.array(z.strictObject({ message: z.string(), requests: count })),
});

/** `batch get` and `batch cancel`. */
export const getSchema = batchSchema;

/** `batch wait`: in the order of the ids. */
export const waitSchema = z.strictObject({ batches: z.array(batchSchema).min(1) });

/** `batch delete`. */
export const deleteSchema = z.strictObject({
  id: z.string(),
  provider: z.string(),
  deleted: z.boolean(),
  /** With `--with-files`; false for files that were gone already. */
  files: z.array(z.strictObject({ kind: fileKind, id: z.string(), deleted: z.boolean() })),
});

const reasons = z.array(
  z.strictObject({
    outcome,
    type: z.string(),
    message: z.string(),
    count,
    /** The id of a row with this reason. */
    example: z.string(),
  }),
);

const rowSummary = z.strictObject({
  rows: count,
  outcomes: z.partialRecord(outcome, count),
  reasons,
  usage: z.strictObject({
    input_tokens: count,
    cached_input_tokens: count,
    output_tokens: count,
    reasoning_tokens: count,
  }),
  cost: z.strictObject({
    /** In US dollars; null if the price of any answer is unknown. */
    usd: z.number().nullable(),
    /** Of the answers whose price is known. */
    known_usd: z.number(),
    /** Answers of unknown price, by model. */
    unpriced: z.record(z.string(), count),
    /** The date of the price list. */
    prices_from: z.string().nullable(),
  }),
  unreadable_lines: count,
  duplicates: count,
  unexpected: count,
  repeated_requests: count,
  unaccounted: count,
  /** Rows of the joined input that no request was made of. */
  not_asked: count,
  /** Rows with more than one attempt. */
  asked_again: count,
});

/** `batch results`. */
export const resultsSchema = z.strictObject({
  /** The first of `ids`. */
  id: z.string(),
  ids: z.array(z.string()).min(1),
  provider: z.string(),
  status,
  /** Null with `--summary`. */
  file: z.string().nullable(),
  summary: rowSummary,
});

/** `batch retry`; `file` and `batch` are null if no row is asked again, `batch` also without `--submit`. */
export const retrySchema = z.strictObject({
  provider: z.string(),
  file: z.string().nullable(),
  requests: count,
  /** Rows that are asked again, by what became of them before. */
  again: z.partialRecord(outcome, count),
  /** Those of them that are asked with a complaint. */
  reasked: count,
  /** Rows that have a good answer. */
  done: count,
  /** Answers that belong to no request of the file. */
  unexpected: count,
  left_out: z.strictObject({
    rows: count,
    outcomes: z.partialRecord(outcome, count),
    reasons,
    file: z.string().nullable(),
  }),
  batch: batchSchema.nullable(),
});

const phase = z.enum([
  'waiting',
  'uncertain',
  'suspected',
  'undecided',
  'running',
  'ended',
  'collected',
  'split',
  'given-up',
]);

const runFacts = {
  /** Its name. */
  run: z.string(),
  id: z.string(),
  directory: z.string(),
  status: z.enum(['planning', 'planned', 'running', 'stopped', 'cancelled', 'finished']),
  provider: z.string(),
  model: z.string(),
  input: z.string(),
  output: z.string().nullable(),
  created_at: moment,
  finished_at: moment.nullable(),
  requests: count,
  /** Rows that `--skip-bad-rows` left out. */
  skipped: count,
  /** One more each time rows were asked again. */
  rounds: count,
  /** Input tokens of the plan; null if nobody can count them. */
  tokens: count.nullable(),
  cost: z.strictObject({
    spent_usd: z.number().nullable(),
    /** Of the plan, if every answer is as long as it may be. */
    most_usd: z.number().nullable(),
    /** `--max-cost`. */
    limit_usd: z.number().nullable(),
    prices_from: z.string().nullable(),
  }),
  /** Null until the run is finished. */
  outcomes: z.partialRecord(outcome, count).nullable(),
  canary: z.strictObject({ passed: z.boolean(), message: z.string() }).nullable(),
  stopped: z
    .strictObject({
      code: z.enum([
        'billing',
        'budget',
        'canary',
        'credentials',
        'undecided',
        'refused',
        'failed',
        'interrupted',
        'detached',
      ]),
      message: z.string(),
    })
    .nullable(),
  batches: z.array(
    z.strictObject({
      shard: z.string(),
      round: count,
      /** Where the shard stands; see docs/runs.md. */
      phase,
      batch: z.string().nullable(),
      status: status.nullable(),
      requests: count,
      tokens: count.nullable(),
      succeeded: count.nullable(),
      failed: count.nullable(),
      usd: z.number().nullable(),
      /** Batches that may be this shard, where the answer to its creation was lost. */
      candidates: z.array(z.string()),
    }),
  ),
  /** Rows that were asked outside of batches after the deadline. */
  direct: z.strictObject({ rows: count, succeeded: count.nullable(), failed: count.nullable() }).nullable(),
};

/** `batch run`, and what `--notify` and `--webhook` are given; `summary` is null if no results were written. */
export const runSchema = z.strictObject({ ...runFacts, summary: rowSummary.nullable() });

/** `batch run status`. */
export const runStatusSchema = z.strictObject({
  ...runFacts,
  /** The process that works on it. */
  held_by: count.nullable(),
});

/** `batch run list`: the newest first. */
export const runListSchema = z.strictObject({ runs: z.array(z.strictObject(runFacts)) });

/** `batch run cancel`. */
export const runCancelSchema = z.strictObject(runFacts);

/** `batch run verify`. */
export const runVerifySchema = z.strictObject({
  run: z.string(),
  verified: z.boolean(),
  rows: count,
  files: count,
  /** The first hundred. */
  findings: z.array(
    z.strictObject({
      code: z.enum([
        'missing_file',
        'changed_file',
        'missing_row',
        'doubled_row',
        'changed_row',
        'unfinished',
      ]),
      file: z.string(),
      message: z.string(),
    }),
  ),
  /** How many there are beyond those. */
  more_findings: count,
  /** What could not be looked at. */
  notes: z.array(z.string()),
});

const rowUsage = z.strictObject({
  input_tokens: count.optional(),
  cached_input_tokens: count.optional(),
  output_tokens: count.optional(),
  reasoning_tokens: count.optional(),
});

const rowError = z.strictObject({
  type: z.string(),
  message: z.string(),
  code: z.string().optional(),
  status: z.int().optional(),
  request_id: z.string().optional(),
  /** Whether the same request may succeed if it is sent again; absent if nobody knows. */
  retryable: z.boolean().optional(),
});
const goodRow = { outcome: z.literal('succeeded'), success: z.literal(true), result: z.unknown() };
const badRow = {
  outcome: outcome.exclude(['succeeded']),
  success: z.literal(false),
  error: rowError,
  /** What the model said all the same. */
  answer: z.unknown().optional(),
};
const rowFacts = {
  custom_id: z.string(),
  usage: rowUsage.optional(),
  model: z.string().optional(),
  finish_reason: z.string().optional(),
  /** Of several batches: the one with this answer, how many have one, and what the others said, oldest first. */
  batch_id: z.string().optional(),
  attempts: count.optional(),
  other_attempts: z
    .array(
      z.discriminatedUnion('success', [
        z.strictObject({ batch_id: z.string(), ...goodRow }),
        z.strictObject({ batch_id: z.string(), ...badRow }),
      ]),
    )
    .optional(),
  /** With `--join`: the row of the input. */
  input: z.record(z.string(), z.unknown()).optional(),
};

/** A line of the file that `batch results` writes. */
export const resultRowSchema = z.discriminatedUnion('success', [
  z.strictObject({ ...rowFacts, ...goodRow }),
  z.strictObject({ ...rowFacts, ...badRow }),
]);

/** `batch download-file`. */
export const downloadSchema = z.strictObject({
  id: z.string(),
  provider: z.string(),
  files: z.array(z.strictObject({ kind: fileKind, path: z.string(), bytes: count })),
});

const capability = z.strictObject({ supported: z.boolean(), note: z.string().optional() });

/** `providers`. */
export const providersSchema = z.strictObject({
  providers: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      module: z.string(),
      protocol: z.string().optional(),
      credentials: z.array(z.string()),
      base_url_env: z.string().optional(),
      default_model: z.string().optional(),
      batch_id_pattern: z.string().optional(),
      request_keys: z.array(z.string()).optional(),
      counts: z.array(z.string()).optional(),
      completion_windows: z.array(z.string()).optional(),
      endpoints: z.array(z.string()).optional(),
      capabilities: z.strictObject({
        list: capability,
        create: capability,
        cancel: capability,
        delete: capability,
        delete_files: capability.optional(),
        direct: capability.optional(),
        results: capability,
        metadata: z
          .strictObject({ max_pairs: count, max_key_length: count, max_value_length: count })
          .optional(),
        expiry: z.strictObject({ min_seconds: count, max_seconds: count }).optional(),
        partial_results: z.boolean(),
      }),
      limits: z.strictObject({
        requests: count.optional(),
        bytes: count.optional(),
        custom_id: z.string().optional(),
        one_model_per_batch: z.boolean().optional(),
        tokens: z.number().optional(),
      }),
      tokenizers: z
        .array(
          z.strictObject({
            match: z.string(),
            encoding: z.string(),
            error_percent: z.number().optional(),
            factor: z.number().optional(),
          }),
        )
        .optional(),
      prices: z.string().optional(),
      plugin: z.strictObject({
        name: z.string(),
        version: z.string(),
        origin: z.enum(['bundled', 'installed', 'linked']),
      }),
    }),
  ),
  warnings: z.array(z.string()),
});

const finding = z.strictObject({
  level: z.enum(['error', 'warning', 'info']),
  /** A stable word to filter by. */
  rule: z.string().regex(/^[a-z_]+$/),
  /** A JSON pointer into the schema as it was given; empty for the root. */
  path: z.string().regex(/^(\/.*)?$/),
  message: z.string().min(1),
  fix: z.string().nullable(),
});

/** `schema check`; what holds for every provider is in the outer `findings`. */
export const schemaCheckSchema = z.strictObject({
  name: z.string(),
  findings: z.array(finding),
  providers: z.array(
    z.strictObject({
      provider: z.string(),
      model: z.string().nullable(),
      endpoint: z.string().nullable(),
      usable: z.boolean(),
      /** How the schema travels: as the format of the answer, or as the input of a tool that has to be called. */
      mode: z.enum(['format', 'tool']).nullable(),
      /** As it is sent; null if the provider cannot be given it. */
      schema: z.record(z.string(), z.unknown()).nullable(),
      findings: z.array(finding),
    }),
  ),
});

/** What any command prints with `--json` when it fails. */
export const errorSchema = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[a-z_]+$/),
    message: z.string().min(1),
    hint: z.string().nullable(),
    /** HTTP status. */
    status: z.int().nullable(),
    provider_code: z.string().nullable(),
    request_id: z.string().nullable(),
    exit_code: z.int(),
    /** What is wrong with a request file, the first twenty. */
    problems: z
      .array(
        z.strictObject({
          line: count.optional(),
          /** Instead of `line` in files that have none. */
          row: count.optional(),
          custom_id: z.string().optional(),
          code: z.string(),
          message: z.string(),
          fix: z.string().optional(),
        }),
      )
      .optional(),
    details: z.array(z.string()).optional(),
  }),
});

/** Parses what a command printed, and fails with the place where it differs from its schema. */
export function parseAs<T>(schema: z.ZodType<T>, text: string): T {
  const read = schema.safeParse(JSON.parse(text));
  if (read.success) return read.data;
  throw new Error(`${z.prettifyError(read.error)}\nin ${text}`);
}

const reconcileRun = { run: z.string(), run_id: z.string(), directory: z.string() };
/** A batch that the provider does not know has no status. */
const reconcileBatch = {
  batch: z.string(),
  status: status.nullable(),
  batch_requests: count.nullable(),
  created_at: moment.nullable(),
};
/** As its own mark says, of a run that may not be known here. */
const reconcileOrigin = { run: z.string().nullable(), directory: z.string().nullable() };

/** `batch reconcile` without `--adopt`. */
export const reconcileSchema = z.strictObject({
  runs: z.array(z.strictObject(reconcileRun)),
  /** Directories of runs that cannot be read. */
  broken_runs: z.array(z.strictObject({ directory: z.string(), reason: z.string() })),
  /** Providers that could not be asked. */
  problems: z.array(z.strictObject({ provider: z.string(), message: z.string() })),
  /** Shards of unknown fate. */
  shards: z.array(
    z.strictObject({
      provider: z.string(),
      ...reconcileRun,
      shard: z.string(),
      /** `undecided`: the user has to say which batch it is. The others are found out when the run goes on. */
      phase: z.enum(['uncertain', 'suspected', 'undecided']),
      requests: count,
      sent_at: moment.nullable(),
      /** The process that works on the run. */
      held_by: z.int().nullable(),
      candidates: z.array(
        z.strictObject({
          ...reconcileBatch,
          matched_by: z.enum(['metadata', 'input file', 'time and count']),
        }),
      ),
    }),
  ),
  /** Batches with the mark of a run, and in no journal. */
  orphaned_batches: z.array(
    z.strictObject({
      provider: z.string(),
      ...reconcileBatch,
      ...reconcileOrigin,
      run_id: z.string().nullable(),
      shard: z.string().nullable(),
    }),
  ),
  unknown_batches: z.array(z.strictObject({ provider: z.string(), ...reconcileBatch })),
  unfetched_results: z.array(
    z.strictObject({
      provider: z.string(),
      ...reconcileRun,
      shard: z.string(),
      ...reconcileBatch,
      answers_expire_at: moment.nullable(),
    }),
  ),
  leftover_files: z.array(
    z.strictObject({
      provider: z.string(),
      file: z.string(),
      name: z.string().nullable(),
      bytes: count.nullable(),
      created_at: moment.nullable(),
      ...reconcileOrigin,
      run_id: z.string(),
      shard: z.string(),
      /** The batches that used it. */
      batches: z.array(z.string()),
      /** By `--cleanup`; null without it. */
      removed: z.boolean().nullable(),
    }),
  ),
});

/** `batch reconcile DIR --adopt`; a batch of null: there is none, and the shard is sent again. */
export const reconcileAdoptSchema = z.strictObject({
  ...reconcileRun,
  shard: z.string(),
  batch: z.string().nullable(),
});
