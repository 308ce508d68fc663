import * as Flags from '@oclif/core/flags';
import { RESULT_FORMATS } from '../core/write-results.js';
import { InstructorError } from '../failure/instructor-error.js';
import { toFutureMoment } from './duration.js';
import { modelFlag, pairFlag, providerFlag, secondsFlag } from './flags.js';
import { tableInputFlags } from './input-flags.js';

const ANSWERS = 'ANSWERS';
const SENDING = 'SENDING';
const MONEY = 'MONEY AND TIME';
const TOLD = 'BEING TOLD';
const RUN = 'THE RUN';

/** A number of US dollars above 0. */
const dollars = Flags.custom<number>({
  helpValue: 'USD',
  parse: (text) => {
    const value = Number(text.replace(/^\$/, ''));
    if (text.trim() !== '' && Number.isFinite(value) && value > 0) return Promise.resolve(value);
    throw new InstructorError('usage', `"${text}" is not an amount of US dollars above 0`);
  },
});

/** `10%` or `0.1`. */
const share = Flags.custom<number>({
  helpValue: 'SHARE',
  parse: (text) => {
    const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
    if (/\d/.test(text) && value >= 0 && value <= 1) return Promise.resolve(value);
    throw new InstructorError('usage', `"${text}" is not a share`, { hint: 'Write it like 10% or 0.1' });
  },
});

/** An address that something can be posted to. */
const webUrl = Flags.custom<string>({
  helpValue: 'URL',
  parse: (text) => {
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return Promise.resolve(text);
    throw new InstructorError('usage', `"${text}" is not an http or https address`);
  },
});

/** It becomes the name of a folder. */
const runName = Flags.custom<string>({
  parse: (text) => {
    if (/^[^./\\\s][^/\\]*$/.test(text)) return Promise.resolve(text);
    throw new InstructorError('usage', `"${text}" cannot be the name of a run`, {
      hint: 'It becomes the name of a folder; to choose the place too: --run-dir DIR',
    });
  },
});

const moment = Flags.custom<Date>({
  helpValue: 'TIME',
  parse: (text) => Promise.resolve(toFutureMoment(text)),
});

/** What may be said when a run begins, and said anew when it is taken up again. */
export const runPolicyFlags = {
  yes: Flags.boolean({
    char: 'y',
    summary: 'Agree to the plan; needed where there is nobody to ask',
    helpGroup: RUN,
  }),
  detach: Flags.boolean({ summary: 'Leave as soon as what can be sent is sent', helpGroup: RUN }),
  output: Flags.string({
    char: 'o',
    summary: 'Where the answers go; of a table they stand beside its columns',
    helpValue: 'FILE',
    helpGroup: ANSWERS,
  }),
  format: Flags.string({
    summary: 'Form of the output; else its ending tells, else jsonl',
    options: [...RESULT_FORMATS],
    helpGroup: ANSWERS,
  }),
  'escape-formulas': Flags.boolean({
    summary: 'In CSV, put an apostrophe before cells that a spreadsheet would run as formulas',
    default: true,
    allowNo: true,
    helpGroup: ANSWERS,
  }),
  force: Flags.boolean({ summary: 'Replace an output file that exists', helpGroup: ANSWERS }),
  reask: Flags.integer({
    summary:
      'Ask rows that do not fit again, so often, with the complaint of the response model; 0 by default',
    min: 0,
    helpValue: 'TIMES',
    helpGroup: ANSWERS,
  }),
  'max-attempts': Flags.integer({
    summary: 'Ask rows that fail for a reason that passes so often in all; 3 by default',
    min: 1,
    helpGroup: ANSWERS,
  }),
  'max-failures': share({ summary: 'Share of the canary that may fail; 10% by default', helpGroup: SENDING }),
  'max-in-flight': Flags.integer({
    summary: 'Batches at the provider at the same time; 50 by default',
    min: 1,
    helpGroup: SENDING,
  }),
  'max-tokens-in-flight': Flags.integer({
    summary: 'Tokens that may wait at the provider at the same time, if you know its limit',
    min: 1,
    helpGroup: SENDING,
  }),
  'keep-files': Flags.boolean({ summary: 'Leave the request files at the provider', helpGroup: SENDING }),
  poll: secondsFlag({
    summary: 'Time in seconds between two looks; else it grows, and the wish of the provider counts',
    helpGroup: SENDING,
  }),
  settle: secondsFlag({
    summary:
      'How long a new batch may take to appear in the list of the provider, where the answer to its creation was lost; 10 by default',
    helpGroup: SENDING,
  }),
  'max-cost': dollars({
    summary: 'Stop before the batch that could make the run cost more',
    helpGroup: MONEY,
  }),
  deadline: moment({
    summary:
      'Ask rows that have no answer by then at once and at the ordinary price: 6h, 09:00, 2026-11-23T09:00',
    helpGroup: MONEY,
  }),
  'deadline-concurrency': Flags.integer({
    summary: 'Requests at the same time after the deadline; 8 by default',
    min: 1,
    max: 100,
    helpGroup: MONEY,
  }),
  notify: Flags.string({
    summary: 'Command to run at the end, with the summary as JSON on its standard input',
    helpValue: 'COMMAND',
    helpGroup: TOLD,
  }),
  webhook: webUrl({
    summary: 'Address to post the summary to; signed if INSTRUCTOR_WEBHOOK_SECRET is set',
    env: 'INSTRUCTOR_WEBHOOK_URL',
    helpGroup: TOLD,
  }),
  bell: Flags.boolean({
    summary: 'Ring the bell of the terminal at the end',
    default: true,
    allowNo: true,
    helpGroup: TOLD,
  }),
};

/** What only counts when a run begins. */
export const runFlags = {
  resume: Flags.string({ summary: 'Go on with the run in this directory', helpValue: 'DIR', helpGroup: RUN }),
  name: runName({ summary: 'Name of the run; else the input and the time', helpGroup: RUN }),
  'run-dir': Flags.string({
    summary: 'Directory of the run; else .instructor/runs/NAME',
    helpValue: 'DIR',
    helpGroup: RUN,
  }),
  new: Flags.boolean({ summary: 'Begin a new run although there is one that asks the same', helpGroup: RUN }),
  'dry-run': Flags.boolean({
    summary: 'Make the plan and show it; nothing is sent',
    exclusive: ['detach'],
    helpGroup: RUN,
  }),
  'messages-file': Flags.string({
    summary: 'JSON Lines file with conversations, instead of a table',
    helpValue: 'FILE',
    exclusive: ['input'],
  }),
  ...tableInputFlags,
  model: modelFlag,
  provider: providerFlag,
  'response-model': Flags.string({
    summary: 'The shape of the answers: file.ts#Export (zod or any Standard Schema), or a .json JSON Schema',
    helpValue: 'FILE#EXPORT',
  }),
  'max-tokens': Flags.integer({ summary: 'Longest answer, in tokens', default: 1000, min: 1 }),
  temperature: Flags.string({
    summary: 'Temperature; left out where the model takes none',
    default: '0.1',
    helpValue: 'NUMBER',
  }),
  endpoint: Flags.string({
    summary: "Endpoint of the requests; the provider's first by default",
    helpValue: 'PATH',
  }),
  'id-key': Flags.string({
    summary: 'Key of a conversation that holds its custom id',
    default: 'custom_id',
    helpValue: 'KEY',
  }),
  param: pairFlag({
    summary: "Parameter for every request, in the provider's terms; may be given several times",
    multiple: true,
    multipleNonGreedy: true,
  }),
  'skip-bad-rows': Flags.boolean({
    summary: 'Leave out rows that no request can be made of, and list them in skipped.jsonl of the run',
  }),
  description: Flags.string({
    summary: 'Description of the batches, where the provider keeps metadata',
    helpValue: 'TEXT',
    helpGroup: SENDING,
  }),
  metadata: pairFlag({
    summary: 'Metadata of the batches; may be given several times',
    multiple: true,
    multipleNonGreedy: true,
    helpGroup: SENDING,
  }),
  'completion-window': Flags.string({
    summary: 'Completion window of the batches, where there is a choice',
    helpValue: 'WINDOW',
    helpGroup: SENDING,
  }),
  'expires-after': Flags.string({
    summary: "Remove the batches' files after this time, such as 7d, where the provider can",
    helpValue: 'DURATION',
    helpGroup: SENDING,
  }),
  'max-requests': Flags.integer({
    summary: "Requests in a batch; the provider's limit by default",
    min: 1,
    helpGroup: SENDING,
  }),
  'max-bytes': Flags.integer({
    summary: "Bytes in a batch; the provider's limit by default",
    min: 1,
    helpGroup: SENDING,
  }),
  'max-tokens-per-batch': Flags.integer({ summary: 'Input tokens in a batch', min: 1, helpGroup: SENDING }),
  canary: Flags.integer({
    summary: 'Send the first rows alone, so many, and go on only if they come back well',
    min: 1,
    helpValue: 'ROWS',
    helpGroup: SENDING,
  }),
  ...runPolicyFlags,
};
