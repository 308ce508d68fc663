/** About four characters make a token, as a rule of thumb for English text. */
export function countTokens(value: unknown): number {
  return Math.max(1, Math.ceil(countCharacters(value) / 4));
}

function countCharacters(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value === 'number' || typeof value === 'boolean') return 4;
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  if (Array.isArray(value)) {
    for (const item of value) sum += countCharacters(item);
  } else {
    for (const [key, item] of Object.entries(value)) sum += key.length + countCharacters(item);
  }
  return sum;
}
