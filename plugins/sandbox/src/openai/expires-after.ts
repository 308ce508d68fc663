import { isObject } from '../objects.js';
import { fault, missing, unsupportedValue, wrongType } from './errors.js';

const SHORTEST = 3600;
const LONGEST = 2_592_000;

/** Reads `expires_after` of a file or `output_expires_after` of a batch: how many seconds to keep it. */
export function readExpiresAfter(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw fault(400, wrongType(name, 'an object', value));
  if (value.anchor === undefined) throw fault(400, missing(`${name}.anchor`));
  if (value.anchor !== 'created_at') {
    throw fault(400, unsupportedValue(`${name}.anchor`, value.anchor, ['created_at']));
  }
  if (value.seconds === undefined) throw fault(400, missing(`${name}.seconds`));
  const seconds = value.seconds;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    throw fault(400, wrongType(`${name}.seconds`, 'an integer', seconds));
  }
  if (seconds < SHORTEST || seconds > LONGEST) {
    const [bound, word] = seconds < SHORTEST ? [SHORTEST, 'below minimum'] : [LONGEST, 'above maximum'];
    throw fault(400, {
      message: `Invalid '${name}.seconds': integer ${word} value. Expected a value ${
        seconds < SHORTEST ? '>=' : '<='
      } ${bound}, but got ${seconds} instead.`,
      param: `${name}.seconds`,
      code: seconds < SHORTEST ? 'integer_below_min_value' : 'integer_above_max_value',
    });
  }
  return seconds;
}
