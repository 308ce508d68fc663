import { isUtf8 } from 'node:buffer';
import type { ParquetParsers, SchemaElement } from 'hyparquet';

/** Values of Parquet as JSON can hold them: times are ISO 8601, bytes are text or base64. */
export const PARSERS: ParquetParsers = {
  timestampFromMilliseconds: (millis) => timestamp(millis, 1000n),
  timestampFromMicroseconds: (micros) => timestamp(micros, 1_000_000n),
  timestampFromNanoseconds: (nanos) => timestamp(nanos, 1_000_000_000n),
  dateFromDays: (days: number | undefined) =>
    days === undefined ? undefined : (isoTime(days * 86_400_000)?.slice(0, -'T00:00:00.000Z'.length) ?? days),
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && textOf(bytes),
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && jsonOf(textOf(bytes)),
  geometryFromBytes: (bytes: Uint8Array | undefined) => bytes && textOf(bytes),
  geographyFromBytes: (bytes: Uint8Array | undefined) => bytes && textOf(bytes),
  uuidFromBytes: (bytes: Uint8Array | undefined) =>
    bytes &&
    Buffer.from(bytes)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
};

/** What makes of the values of a column what the reader wants to see. */
export function columnValue(element: SchemaElement): (value: unknown) => unknown {
  const { converted_type: converted, logical_type: logical, scale = 0 } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    // The library multiplies, which gives 0.30000000000000004 for 0.3.
    return (value) => (typeof value === 'number' ? Number(value.toFixed(scale)) : jsonValue(value));
  }
  if (logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC) {
    return (value) => (typeof value === 'string' ? value.replace(/Z$/, '') : jsonValue(value));
  }
  return jsonValue;
}

function jsonValue(value: unknown): unknown {
  if (typeof value === 'bigint') return exact(value);
  if (typeof value !== 'object') return value ?? null;
  if (value instanceof Uint8Array) return textOf(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, jsonValue);
  if (Array.isArray(value)) return value.map(jsonValue);
  if (value === null) return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonValue(inner)]));
}

/** A number as long as it is exact; else its digits. */
function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') && !isUtf8(buffer) ? buffer.toString('base64') : text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Milliseconds always, and what is finer if there is any. */
function timestamp(count: bigint | undefined, perSecond: bigint): unknown {
  if (count === undefined) return undefined;
  const perMillisecond = perSecond / 1000n;
  const finer = ((count % perMillisecond) + perMillisecond) % perMillisecond;
  const text = isoTime(Number((count - finer) / perMillisecond));
  if (text === undefined) return exact(count);
  if (finer === 0n) return text;
  return text.replace('Z', `${String(finer).padStart(String(perMillisecond).length - 1, '0')}Z`);
}

/** Undefined for times that no date can hold. */
function isoTime(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
