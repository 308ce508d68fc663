import { InstructorError } from '../failure/instructor-error.js';

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** `90`, `90s`, `12h`, `7d` to seconds; undefined if it is none. */
function readDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhdw]?)$/.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * (UNITS[match[2] || 's'] ?? 1);
}

export function toSeconds(text: string, flag: string): number {
  const seconds = readDuration(text);
  if (seconds !== undefined) return Math.round(seconds);
  throw new InstructorError('usage', `--${flag} "${text}" is not a duration`, {
    hint: 'Write it like 3600, 12h or 7d',
  });
}

/** A date is the start of that day here, like every time that is shown. `new Date` alone takes nearly any text. */
function readDate(text: string): Date {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return new Date(`${text}T00:00`);
  return new Date(/^\d{4}-\d\d-\d\d[T ]\d\d:/.test(text) ? text : Number.NaN);
}

/** A moment in the past: a date, or how long ago. */
export function toMoment(text: string, flag: string, now = Date.now()): Date {
  const ago = /[smhdw]$/.test(text) ? readDuration(text) : undefined;
  const moment = ago === undefined ? readDate(text) : new Date(now - ago * 1000);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new InstructorError('usage', `--${flag} "${text}" is not a time`, {
    hint: 'Write it like 2h, 7d, 2026-11-22 or 2026-11-22T10:00',
  });
}

/** A moment ahead: how long from now, a time of day such as `09:00`, or a date with a time. */
export function toFutureMoment(text: string, now = Date.now()): Date {
  const moment = readFutureMoment(text, now);
  if (!moment || Number.isNaN(moment.getTime()))
    throw new InstructorError('usage', `"${text}" is not a time`, {
      hint: 'Write it like 6h, 09:00 or 2026-11-23T09:00',
    });
  if (moment.getTime() > now) return moment;
  throw new InstructorError('usage', `${text} lies in the past`);
}

function readFutureMoment(text: string, now: number): Date | undefined {
  const ahead = /[smhdw]$/.test(text) ? readDuration(text) : undefined;
  if (ahead !== undefined) return new Date(now + ahead * 1000);
  const clock = /^(\d{1,2}):(\d\d)$/.exec(text);
  if (!clock) return readDate(text);
  const [hours, minutes] = [Number(clock[1]), Number(clock[2])];
  if (hours > 23 || minutes > 59) return undefined;
  const today = new Date(now);
  today.setHours(hours, minutes, 0, 0);
  if (today.getTime() <= now) today.setDate(today.getDate() + 1);
  return today;
}
