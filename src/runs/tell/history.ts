import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EndedBatch } from '../store/events.js';

/** How long a batch of the user's took. */
export interface PastBatch {
  provider: string;
  model: string;
  requests: number;
  /** From its creation to its end. */
  seconds: number;
  ended: string;
}

/** Older ones say little about today. */
const MOST_LINES = 5000;

/** Keeps the time that a batch took, for later estimates. That this fails is no reason to end a run. */
export async function rememberBatch(
  path: string,
  { provider, model, requests }: { provider: string; model: string; requests: number },
  batch: EndedBatch,
): Promise<void> {
  const seconds = (Date.parse(batch.ended ?? '') - Date.parse(batch.created ?? '')) / 1000;
  if (batch.status !== 'completed' || !(seconds >= 0)) return;
  const past: PastBatch = { provider, model, requests, seconds, ended: batch.ended ?? '' };
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, `${JSON.stringify(past)}\n`);
  } catch {
    // Read-only homes are a fact of life on servers.
  }
}

/** The batches of this provider and model; those of its other models if there are none. */
export async function readHistory(path: string, provider: string, model: string): Promise<PastBatch[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const all: PastBatch[] = [];
  for (const line of text.split('\n').slice(-MOST_LINES)) {
    try {
      const past = JSON.parse(line) as PastBatch;
      if (past.provider === provider && past.seconds >= 0) all.push(past);
    } catch {
      // A line that was cut short tells nothing.
    }
  }
  const same = all.filter((past) => past.model === model);
  return same.length > 0 ? same : all;
}
