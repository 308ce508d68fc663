import type { Random } from '../random.js';
import { word } from './words.js';

const pad = (value: number): string => String(value).padStart(2, '0');

function date(random: Random): string {
  return `${random.integer(1990, 2026)}-${pad(random.integer(1, 12))}-${pad(random.integer(1, 28))}`;
}

function time(random: Random): string {
  return `${pad(random.integer(0, 23))}:${pad(random.integer(0, 59))}:${pad(random.integer(0, 59))}Z`;
}

function uuid(random: Random): string {
  const variant = random.pick(['8', '9', 'a', 'b']);
  return `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-${variant}${random.hex(3)}-${random.hex(12)}`;
}

const hostname = (random: Random): string => `${word(random)}.example.com`;
const uri = (random: Random): string => `https://${hostname(random)}/${word(random)}`;

/** Names come from ranges that are reserved for documentation: nobody is reached by accident. */
const FORMATS: Record<string, (random: Random) => string> = {
  'date-time': (random) => `${date(random)}T${time(random)}`,
  date,
  time,
  duration: (random) => `P${random.integer(1, 30)}DT${random.integer(1, 23)}H`,
  email: (random) => `${word(random)}.${word(random)}@example.com`,
  'idn-email': (random) => `${word(random)}@example.com`,
  hostname,
  'idn-hostname': hostname,
  ipv4: (random) => `192.0.2.${random.integer(1, 254)}`,
  ipv6: (random) => `2001:db8::${random.integer(1, 0xffff).toString(16)}`,
  uuid,
  uri,
  url: uri,
  iri: uri,
  'uri-reference': (random) => `/${word(random)}/${word(random)}`,
  'iri-reference': (random) => `/${word(random)}`,
  'uri-template': (random) => `https://${hostname(random)}/{${word(random)}}`,
  'json-pointer': (random) => `/${word(random)}`,
  'relative-json-pointer': (random) => `0/${word(random)}`,
  regex: (random) => `^${word(random)}$`,
};

/** A text in one of the formats that JSON Schema names; undefined for an unknown one. */
export function generateFormat(format: string, random: Random): string | undefined {
  return Object.hasOwn(FORMATS, format) ? FORMATS[format]?.(random) : undefined;
}
