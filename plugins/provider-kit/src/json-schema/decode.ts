import { ShapeMaker } from './shape.js';
import { isRecord, type JsonSchema } from './types.js';

export interface DecodeRules {
  /** The property the root was wrapped under. */
  wrappedUnder?: string;
}

/**
 * Makes the way back from an answer to the user's schema: it unwraps the root, and removes a null that stands for the
 * absence of an optional property. Where the user's schema accepts null itself, null stays.
 *
 * The result never throws: an answer that does not fit comes back as good as can be, for validation to judge.
 *
 * @example
 * const decode = createDecoder({ type: 'object', properties: { age: { type: 'number' } } });
 * decode({ age: null }); // {}
 */
export function createDecoder(schema: JsonSchema, rules: DecodeRules = {}): (value: unknown) => unknown {
  const decode = decoderOf(schema);
  const { wrappedUnder } = rules;
  return (value) => {
    const wrapped = wrappedUnder !== undefined && isRecord(value) && Object.hasOwn(value, wrappedUnder);
    const answer = wrapped ? value[wrappedUnder] : value;
    if (!decode) return answer;
    try {
      return decode(answer);
    } catch {
      // Only an answer nested beyond the call stack gets here.
      return answer;
    }
  };
}

function decoderOf(schema: JsonSchema): ((value: unknown) => unknown) | undefined {
  try {
    return new ShapeMaker(schema).shapeOf([{ schema, path: '' }]).decode;
  } catch {
    // A schema that no strict mode can take may still be sent as the input of a tool; its answers are taken as they come.
    return undefined;
  }
}
