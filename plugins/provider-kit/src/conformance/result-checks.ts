import { OUTCOMES } from '../contract/outcome.js';
import type { BatchProvider } from '../contract/provider.js';
import type { ProviderResult } from '../contract/outcome.js';
import type { ConformanceCheck } from './conformance-checks.js';
import { ensure, fail, isRecord, show, succeeds } from './ensure.js';
import { connectionsDuring } from './network-guard.js';
import { covers, mutationsOf, ODD_VALUES, placeOf } from './odd-json.js';
import type { ProviderUnderTest } from './plugin-under-test.js';

/** Found by the host, never reported by a provider. */
const OF_THE_HOST: readonly string[] = ['invalid', 'missing'];

/** Reading result lines, as far as it can be checked without the service. */
export function resultChecks(provider: ProviderUnderTest, lines: readonly unknown[]): ConformanceCheck[] {
  return [
    {
      name: 'readResult never makes up a custom id',
      run: async () => {
        const made = await provider.offline();
        for (const odd of ODD_VALUES) {
          try {
            made.readResult(odd);
          } catch {
            continue;
          }
          fail(`readResult(${show(odd)}) must throw: there is no custom id in it`);
        }
      },
    },
    {
      name: 'customIdAtStart answers to any text',
      run: async () => {
        const made = await provider.offline();
        if (!made.customIdAtStart) return;
        for (const text of ['', ' ', '{', 'null', '[]', '{"custom_id":', '\u0000', '{'.repeat(2000)]) {
          const id: unknown = succeeds(`customIdAtStart(${show(text)})`, () => made.customIdAtStart?.(text));
          ensure(id === undefined, `customIdAtStart(${show(text)}) makes up the id ${show(id)}`);
        }
      },
    },
    ...(lines.length === 0
      ? []
      : [
          {
            name: 'recorded result lines are read, and still when parts of them are odd',
            run: async () => {
              const made = await provider.offline();
              const connections = await connectionsDuring(() => {
                for (const line of lines) resultLineIsRead(made, JSON.stringify(line));
              });
              ensure(connections.length === 0, `readResult made ${connections.join(', ')}`);
            },
          },
        ]),
  ];
}

/** Reads a line as it came, then with every part of it made odd: only a line without its id may be refused. */
export function resultLineIsRead(made: BatchProvider, text: string): ProviderResult {
  const line: unknown = JSON.parse(text);
  const result = readLine(made, line);
  const quick = made.customIdAtStart?.(text);
  const agree = quick === undefined || quick === result.customId;
  ensure(agree, `customIdAtStart reads ${show(quick)} where readResult reads ${show(result.customId)}`);
  const place = placeOf(line, result.customId);
  ensure(place, `readResult gives the id ${show(result.customId)}, which is not in the line ${show(line)}`);
  for (const { path, value } of mutationsOf(line)) {
    if (covers(path, place)) continue;
    const { customId } = readLine(made, value);
    ensure(customId === result.customId, `readResult(${show(value)}) gives the id ${show(customId)}`);
  }
  return result;
}

function readLine(made: BatchProvider, line: unknown): ProviderResult {
  const result: unknown = succeeds(`readResult(${show(line)})`, () => made.readResult(line));
  ensure(isRecord(result), `readResult(${show(line)}) gives ${show(result)}`);
  const { customId, outcome, answer, error } = result;
  ensure(
    typeof customId === 'string' && customId !== '',
    `readResult(${show(line)}) gives the id ${show(customId)}`,
  );
  const known = OUTCOMES.some((word) => word === outcome) && !OF_THE_HOST.includes(String(outcome));
  ensure(known, `readResult(${show(line)}) gives the outcome ${show(outcome)}`);
  if (outcome === 'succeeded') {
    const kind = isRecord(answer) ? answer['kind'] : undefined;
    const answered = kind === 'text' || kind === 'object' || kind === 'data';
    ensure(answered, `readResult(${show(line)}) gives the outcome succeeded without an answer`);
  } else {
    const explained =
      isRecord(error) && typeof error['message'] === 'string' && typeof error['type'] === 'string';
    ensure(explained, `readResult(${show(line)}) gives the outcome ${show(outcome)} without an error`);
  }
  return result as unknown as ProviderResult;
}
