import { Config, settings, type Command } from '@oclif/core';
import { expect } from 'chai';
import { ROOT, runInstructor } from '../support/run-instructor.js';

interface ExpectedFlag {
  default?: unknown;
  required?: boolean;
  describes?: string;
  allowNo?: boolean;
  multiple?: boolean;
  exactlyOne?: string[];
  options?: string[];
}

const DEPRECATED = 'Use Anthropic API instead of OpenAI';
const PROVIDER = { describes: "Provider to use (e.g., 'openai', 'anthropic')" };
const MODEL = {
  default: 'openai/gpt-4o-mini',
  describes: "Model in format 'provider/model-name' (e.g., 'openai/gpt-4', 'anthropic/claude-3-sonnet')",
};
const STATUSES = ['pending', 'processing', 'cancelling', 'completed', 'failed', 'cancelled', 'expired'];

/** What scripts of the users rely on. */
const COMMANDS: Record<string, { summary: string; flags: Record<string, ExpectedFlag> }> = {
  'batch:list': {
    summary: 'See all existing batch jobs',
    flags: {
      limit: { default: 10, describes: 'Total number of batch jobs to show' },
      poll: { default: 10, describes: 'Time in seconds to wait for the batch job to complete' },
      screen: { default: false, allowNo: true, describes: 'Enable or disable screen output' },
      live: {
        default: false,
        allowNo: true,
        describes: 'Enable live polling to continuously update the table',
      },
      provider: PROVIDER,
      'use-anthropic': { allowNo: true, describes: DEPRECATED },
      'all-providers': {},
      status: { multiple: true, options: STATUSES },
      since: {},
      metadata: { multiple: true },
      'full-id': {},
    },
  },
  'batch:create': {
    summary: 'Create batch job using BatchProcessor',
    flags: {
      'messages-file': { exactlyOne: ['messages-file', 'input'] },
      model: MODEL,
      'response-model': {},
      'output-file': { default: 'batch_requests.jsonl' },
      'max-tokens': { default: 1000 },
      temperature: { default: '0.1' },
      submit: {},
      endpoint: {},
      'id-key': {},
      input: {},
      'input-format': { options: ['jsonl', 'json', 'csv', 'tsv', 'parquet'] },
      delimiter: {},
      'input-encoding': {},
      prompt: {},
      system: {},
      'messages-column': {},
      'image-column': {},
      'id-column': {},
      where: {},
      sample: {},
      seed: {},
      limit: {},
      preview: {},
      'skip-bad-rows': {},
      param: { multiple: true },
      force: {},
    },
  },
  'batch:create-from-file': {
    summary: 'Create a batch job from a file',
    flags: {
      'file-path': { required: true, describes: 'File containing the batch job requests' },
      model: MODEL,
      description: { default: 'Instructor batch job', describes: 'Description/metadata for the batch job' },
      'completion-window': {
        default: '24h',
        describes: 'Completion window for the batch job (OpenAI only)',
      },
      'use-anthropic': { allowNo: true, describes: DEPRECATED },
      metadata: { multiple: true },
      'expires-after': {},
      validate: { default: true, allowNo: true },
      endpoint: {},
      wait: {},
    },
  },
  'batch:validate': {
    summary: 'Check a request file without sending it',
    flags: { 'file-path': {}, provider: {}, model: {}, endpoint: {} },
  },
  'batch:stats': {
    summary: 'Count the requests and tokens of a request file',
    flags: { 'file-path': {}, provider: {}, model: {}, 'max-tokens-per-batch': {} },
  },
  'batch:convert': {
    summary: 'Convert a request file to another provider or model',
    flags: {
      'file-path': {},
      provider: {},
      model: {},
      to: { required: true },
      'output-file': { required: true },
      force: {},
    },
  },
  'batch:cancel': {
    summary: 'Cancel a batch job',
    flags: {
      'batch-id': { describes: 'Batch job ID to cancel' },
      provider: PROVIDER,
      'use-anthropic': { allowNo: true, describes: DEPRECATED },
    },
  },
  'batch:delete': {
    summary: 'Delete a completed batch job',
    flags: {
      'batch-id': { describes: 'Batch job ID to delete' },
      provider: PROVIDER,
      'with-files': {},
      yes: {},
    },
  },
  'batch:results': {
    summary: 'Retrieve results from a batch job',
    flags: {
      'batch-id': { describes: 'Batch job ID to get results from' },
      'output-file': { describes: 'File to save the results to' },
      model: MODEL,
      'response-model': {},
      'requests-file': { multiple: true },
      join: {},
      'id-column': {},
      format: { options: ['jsonl', 'json', 'csv', 'parquet'] },
      'escape-formulas': { default: true, allowNo: true },
      summary: {},
      strict: {},
      force: {},
    },
  },
  'batch:retry': {
    summary: 'Ask failed rows of a batch job again',
    flags: {
      'batch-id': { multiple: true },
      'requests-file': { required: true },
      'output-file': {},
      outcomes: { default: 'errored,expired,cancelled,missing' },
      'include-lasting': {},
      reask: {},
      'response-model': {},
      'max-attempts': { default: 3 },
      'max-tokens': {},
      model: MODEL,
      submit: {},
      force: {},
    },
  },
  'batch:download-file': {
    summary: 'Download the file associated with a batch job',
    flags: {
      'batch-id': { describes: 'Batch job ID to download' },
      'download-file-path': { required: true, describes: 'Path to download file to' },
      provider: PROVIDER,
      which: { default: 'output' },
      force: {},
    },
  },
  'batch:get': { summary: 'Show one batch job in full', flags: { 'batch-id': {}, provider: PROVIDER } },
  'schema:check': {
    summary: 'See a response model as each provider gets it, and what to know about it',
    flags: { provider: { multiple: true }, model: { multiple: true }, endpoint: {}, strict: {} },
  },
  'batch:wait': { summary: 'Wait until batch jobs have ended', flags: { 'batch-id': {}, poll: {} } },
  'batch:run': {
    summary: 'Take a table of any size to finished answers, in as many batches as that takes',
    flags: {
      resume: {},
      name: {},
      'run-dir': {},
      new: {},
      'dry-run': {},
      yes: {},
      detach: {},
      input: {},
      'input-format': { options: ['jsonl', 'json', 'csv', 'tsv', 'parquet'] },
      'messages-file': {},
      prompt: {},
      system: {},
      'messages-column': {},
      'image-column': {},
      'id-column': {},
      where: {},
      sample: {},
      seed: {},
      limit: {},
      model: MODEL,
      provider: PROVIDER,
      'response-model': {},
      'max-tokens': { default: 1000 },
      temperature: { default: '0.1' },
      endpoint: {},
      param: { multiple: true },
      metadata: { multiple: true },
      description: {},
      'completion-window': {},
      'expires-after': {},
      'skip-bad-rows': {},
      output: {},
      format: { options: ['jsonl', 'json', 'csv', 'parquet'] },
      'escape-formulas': { default: true, allowNo: true },
      force: {},
      reask: {},
      'max-attempts': {},
      'max-requests': {},
      'max-bytes': {},
      'max-tokens-per-batch': {},
      'max-in-flight': {},
      'max-tokens-in-flight': {},
      canary: {},
      'max-failures': {},
      'max-cost': {},
      deadline: {},
      'deadline-concurrency': {},
      'keep-files': {},
      poll: {},
      settle: {},
      notify: {},
      webhook: {},
      bell: { default: true, allowNo: true },
    },
  },
  'batch:run:status': { summary: 'Show where a run is, from its directory alone', flags: {} },
  'batch:run:list': { summary: 'List the runs of a folder, the newest first', flags: {} },
  'batch:run:cancel': {
    summary: 'Cancel a run: its batches are cancelled, and nothing more is sent',
    flags: { yes: {} },
  },
  'batch:run:verify': { summary: 'Prove that no row of a run is missing, doubled or changed', flags: {} },
};

describe('the surface of the commands', () => {
  let config: Config;
  before(async () => {
    // From the commands themselves: a manifest may be out of date.
    process.env['OCLIF_DISABLE_RC'] = '1';
    // As the installed program does; else oclif would register its own transpiler in this process.
    settings.enableAutoTranspile = false;
    config = await Config.load({ root: ROOT, ignoreManifest: true });
    delete process.env['OCLIF_DISABLE_RC'];
  });

  for (const [id, { summary, flags }] of Object.entries(COMMANDS)) {
    it(`${id} has its flags, defaults and descriptions, --json and the global flags`, async () => {
      const command = await (config.findCommand(id) as Command.Loadable).load();
      expect(command.summary).to.equal(summary);
      expect(command.enableJsonFlag).to.equal(true);
      expect(command.baseFlags).to.include.keys('debug', 'color', 'dotenv');
      for (const [name, expected] of Object.entries(flags)) {
        const flag = command.flags[name] as unknown as Record<string, unknown> | undefined;
        expect(flag, `--${name}`).to.not.equal(undefined);
        const { describes, ...facts } = expected;
        if (describes !== undefined) expect(flag?.['summary'], `--${name}`).to.include(describes);
        else expect(flag?.['summary'], `--${name} has a description`).to.be.a('string');
        for (const [fact, value] of Object.entries(facts)) {
          expect(flag?.[fact], `${fact} of --${name}`).to.deep.equal(value);
        }
      }
    });
  }

  it('takes the colon and the blank between topic and command, and shows help without loading much', async () => {
    const [colon, blank, topic] = await Promise.all([
      runInstructor(['batch:list', '--help']),
      runInstructor(['batch', 'list', '--help']),
      runInstructor(['batch', '--help']),
    ]);
    expect(colon).to.deep.equal(blank);
    expect(blank.code).to.equal(0);
    expect(blank.stderr).to.equal('');
    expect(blank.stdout).to.match(/--limit=<value>\s+\[default: 10\] Total number of batch jobs to show/);
    expect(blank.stdout).to.match(/--poll=SECONDS\s+\[default: 10\]/);
    for (const id of Object.keys(COMMANDS).filter((one) => /^batch:[^:]+$/.test(one)))
      expect(topic.stdout).to.include(id.replace(':', ' '));
  });
});
