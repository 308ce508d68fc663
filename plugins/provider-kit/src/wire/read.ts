/**
 * Reading what a provider sent: lenient, since services change and compatible ones differ. A value of the wrong
 * kind is treated like an absent one.
 */
export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A text that is not empty. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number, or a text that is one, as 64-bit integers often are. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'string' && value.trim() !== '') value = Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** From here on, a number is a time in milliseconds: as seconds it would lie in the year 5138. */
const MILLISECONDS_FROM = 1e11;

/** Unix seconds (or milliseconds), as number or text, or a date in ISO form. */
export function asDate(value: unknown): Date | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const time = asNumber(value);
  if (time !== undefined && time <= 0) return undefined;
  const date = time === undefined ? new Date(value) : new Date(time < MILLISECONDS_FROM ? time * 1000 : time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Metadata: values that are not text are shown as JSON rather than lost. */
export function asTextMap(value: unknown): Record<string, string> | undefined {
  const record = asRecord(value);
  if (!record || Object.keys(record).length === 0) return undefined;
  return Object.fromEntries(
    Object.entries(record).map(([key, item]) => [
      key,
      typeof item === 'string' ? item : JSON.stringify(item),
    ]),
  );
}
