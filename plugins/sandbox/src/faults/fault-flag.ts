import type { Fault } from './fault.js';
import { FaultProblem, readFault } from './read-faults.js';

/** Short names of limits. */
const SHORT: Record<string, string> = { n: 'count', op: 'operation' };

/**
 * Reads a fault from a word: `NAME`, `NAME:RATE` or `NAME:key=value,…`, such as `create-lost:0.2` or
 * `rate-limit:n=3,retry-after=1,op=create+upload`.
 */
export function parseFaultFlag(text: string): Fault {
  const [, name = '', settings = ''] = /^([^:=]*)[:=]?(.*)$/s.exec(text) ?? [];
  const fault: Record<string, unknown> = { fault: name };
  for (const setting of settings === '' ? [] : settings.split(',')) {
    const [word = '', ...rest] = setting.split('=');
    const [key, value] = rest.length === 0 ? ['rate', word] : [word, rest.join('=')];
    const full = SHORT[key] ?? key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (full in fault) throw new FaultProblem(`${text}: ${key} is given twice.`);
    fault[full] = full === 'operation' ? value.split('+') : asNumber(value);
  }
  return readFault(fault, name);
}

function asNumber(value: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
