import { countTokens } from '../answers/tokens.js';
import { Random } from '../random.js';
import { snapshotOf } from './models.js';

const DEFAULT_DIMENSIONS = 8;

/** The body that `POST /v1/embeddings` answers with. Equal texts have equal vectors, of length 1 as the real ones. */
export function embeddingList(body: Record<string, unknown>, seed: string) {
  const inputs = listInputs(body.input);
  const dimensions = Number(body.dimensions ?? DEFAULT_DIMENSIONS);
  const tokens = inputs.reduce<number>((sum, input) => sum + tokensOf(input), 0);
  return {
    object: 'list',
    data: inputs.map((input, index) => {
      const vector = unitVector(new Random(`${seed}:embedding:${JSON.stringify(input)}`), dimensions);
      return {
        object: 'embedding',
        index,
        embedding: body.encoding_format === 'base64' ? packed(vector) : vector,
      };
    }),
    model: snapshotOf(String(body.model)),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** An input is a text or the numbers of its tokens; several come as an array of either. */
function listInputs(input: unknown): unknown[] {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
}

function tokensOf(input: unknown): number {
  return Array.isArray(input) ? input.length : countTokens(input);
}

function unitVector(random: Random, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => random.next() * 2 - 1);
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** The form that the official clients ask for by themselves: 32-bit floats, little-endian. */
function packed(vector: number[]): string {
  const buffer = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) buffer.writeFloatLE(value, index * 4);
  return buffer.toString('base64');
}
