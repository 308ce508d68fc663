import type { RunContext } from '../runs/run-context.js';
import { planned, sum } from '../runs/tell/run-summary.js';
import { visible } from '../text/visible.js';
import { formatBytes, formatCount, formatDollars, formatMoment, plural } from './format.js';
import { hanging, paint } from './terminal.js';

const LABEL = 12;

/** What is going to be sent, what it costs and how it is done: a line for each. */
export function renderPlan(
  run: Pick<RunContext, 'settings' | 'state' | 'session' | 'paths'>,
  folder: string,
): string {
  const { settings, state, session } = run;
  const { policy, input } = settings;
  const lines: string[] = [];
  const add = (label: string, value: string | undefined): void => {
    if (value !== undefined)
      lines.push(
        `${paint(process.stderr, 'bold', label.padEnd(LABEL))}${hanging(visible(value), LABEL, process.stderr)}`,
      );
  };
  const shards = planned(state);
  const bytes = shards.reduce((total, shard) => total + shard.bytes, 0);
  const left = state.skipped > 0 ? `, ${plural(state.skipped, 'bad row')} left out` : '';
  add('Run', settings.name);
  add('Input', `${input.name}: ${plural(state.requests, 'request')}${left}`);
  add('Model', `${session.declaration.name} ${settings.model}`);
  add('Batches', `${formatCount(shards.length)}, ${formatBytes(bytes)} in all`);
  add('Tokens', describeTokens(run));
  add('Price', describePrice(run));
  add('Waves', describeWaves(run));
  if (policy.canary !== undefined)
    add(
      'Canary',
      `${plural(policy.canary, 'row')} first; the rest if no more than ${percent(policy.maxFailures)} of them fail`,
    );
  add('Asked again', describeAgain(run));
  add('Deadline', describeDeadline(run));
  add(
    'Limit',
    policy.maxCostUsd === undefined
      ? undefined
      : `stops before it costs more than ${formatDollars(policy.maxCostUsd)}`,
  );
  add('Output', settings.output?.path);
  add('Directory', folder);
  return lines.join('\n');
}

function describeTokens({ state }: Pick<RunContext, 'state'>): string {
  const { facts } = state;
  const tokens = sum(planned(state), 'tokens');
  if (tokens === null || !facts?.tokenizer) return 'unknown: nobody can count them for this model';
  const about = facts.errorPercent !== undefined || facts.countedRequests !== undefined ? 'about ' : '';
  const error = facts.errorPercent === undefined ? '' : `, ±${facts.errorPercent} %`;
  const counted =
    facts.countedRequests === undefined ? '' : `, from ${plural(facts.countedRequests, 'counted request')}`;
  const images = facts.images > 0 ? `, without ${plural(facts.images, 'image')}` : '';
  return `${about}${formatCount(tokens)} in (${facts.tokenizer}${error}${counted})${images}`;
}

function describePrice({ state }: Pick<RunContext, 'state'>): string {
  const { facts } = state;
  if (facts?.inputUsd === undefined) return 'unknown: there is no price for this model';
  const most = sum(planned(state), 'mostUsd');
  const answers =
    most === null
      ? 'answers of unknown length'
      : `at most ${formatDollars(most)} if every answer is as long as it may be`;
  return `${formatDollars(facts.inputUsd)} for the input, ${answers} (prices of ${facts.pricesFrom})`;
}

function describeWaves({ state, settings }: Pick<RunContext, 'state' | 'settings'>): string | undefined {
  const shards = planned(state);
  const { maxInFlight, maxTokensInFlight } = settings.limits;
  const tokens = sum(shards, 'tokens');
  const byCount = maxInFlight === undefined ? 1 : Math.ceil(shards.length / maxInFlight);
  const byTokens =
    maxTokensInFlight === undefined || tokens === null ? 1 : Math.ceil(tokens / maxTokensInFlight);
  const waves = Math.max(byCount, byTokens);
  const canary = settings.policy.canary === undefined ? 0 : 1;
  if (waves + canary <= 1) return '1, all at once as far as the provider takes them';
  return String(waves + canary);
}

function describeAgain({ settings }: Pick<RunContext, 'settings'>): string {
  const { reask, maxAttempts } = settings.policy;
  const passing =
    maxAttempts > 1 ? `rows that fail in passing, up to ${plural(maxAttempts, 'attempt')}` : undefined;
  const complaints = reask > 0 ? `rows that do not fit, up to ${plural(reask, 'time')}` : undefined;
  return [passing, complaints].filter((part) => part !== undefined).join('; ') || 'nothing';
}

function describeDeadline({ state, settings }: Pick<RunContext, 'state' | 'settings'>): string | undefined {
  const { deadline } = settings.policy;
  if (deadline === undefined) return undefined;
  const most = sum(planned(state), 'mostDirectUsd');
  const price =
    most === null ? 'at an unknown price' : `for at most ${formatDollars(most)} if that were all of them`;
  return `${formatMoment(new Date(deadline))}: rows without an answer are then asked at once, ${price}`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
