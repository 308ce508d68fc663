import { RequestSettingsError } from '../contract/errors.js';
import type { RequestSettings } from '../contract/requests.js';
import { CHAT, RESPONSES } from './endpoints.js';
import type { OpenAIModelRule } from './model-rules.js';

/** The token limit and what shapes the choice of words, under the names and with the values that the model takes. */
export function limitsFor(
  settings: RequestSettings,
  endpoint: string,
  rule: OpenAIModelRule,
  notes: string[],
): Record<string, unknown> {
  const { maxTokens, temperature, topP, stop, model } = settings;
  const label = rule.label ?? 'this model';
  const limits: Record<string, unknown> = {};
  refuseForeign(settings, endpoint);
  if (endpoint !== CHAT && endpoint !== RESPONSES) return limits;
  if (maxTokens) {
    limits[limitName(endpoint, rule)] = maxTokens.value;
    if (rule.reasons && !maxTokens.explicit) {
      notes.push(
        `${model} is ${label}: its thinking counts towards the limit of ${maxTokens.value} tokens; raise it with --max-tokens if answers come back truncated`,
      );
    }
  }
  const refused = (what: string, flag: string): RequestSettingsError =>
    new RequestSettingsError(
      `${model} is ${label} and does not accept ${what}`,
      `Leave ${flag} out, or choose a model that takes it`,
    );
  if (temperature) {
    if (accepts(rule, 'temperature', temperature.value)) limits['temperature'] = temperature.value;
    else if (temperature.explicit) throw refused(`a temperature of ${temperature.value}`, '--temperature');
  }
  if (topP !== undefined) {
    if (!accepts(rule, 'top_p', topP)) throw refused(`a top_p of ${topP}`, 'top_p');
    limits['top_p'] = topP;
  }
  if (stop && stop.length > 0) {
    if (!accepts(rule, 'stop', stop)) throw refused('texts to stop at', 'stop');
    limits['stop'] = stop;
  }
  return limits;
}

/** What the limit on an answer is called. */
export function limitName(endpoint: string, rule: OpenAIModelRule | undefined): string {
  return endpoint === RESPONSES ? 'max_output_tokens' : (rule?.rename?.['max_tokens'] ?? 'max_tokens');
}

/** What the user asked for and the endpoint has no parameter for. */
function refuseForeign({ maxTokens, temperature, topP, stop }: RequestSettings, endpoint: string): void {
  const stops = stop !== undefined && stop.length > 0;
  const asked: [name: string, wanted: boolean | undefined][] =
    endpoint === CHAT
      ? []
      : endpoint === RESPONSES
        ? [['stop', stops]]
        : [
            ['--max-tokens', maxTokens?.explicit],
            ['--temperature', temperature?.explicit],
            ['top_p', topP !== undefined],
            ['stop', stops],
          ];
  const foreign = asked.find(([, wanted]) => wanted)?.[0];
  if (foreign !== undefined)
    throw new RequestSettingsError(`${endpoint} takes no ${foreign}`, `Leave ${foreign} out`);
}

function accepts(rule: OpenAIModelRule, name: string, value: unknown): boolean {
  const fixed = rule.fixed?.[name];
  return !rule.rejects?.includes(name) && (fixed === undefined || fixed === value);
}
