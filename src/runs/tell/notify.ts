import { createHmac, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs a command of the user's in a shell, with the summary on its standard input. Gives why it failed. */
export async function runNotifyCommand(command: string, summary: unknown): Promise<string | undefined> {
  return await new Promise((resolve) => {
    // What it prints is the user's own and goes where ours goes, but never between the rows of an answer.
    const child = spawn(command, { shell: true, stdio: ['pipe', 2, 2] });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(summary)}\n`);
  });
}

export interface WebhookOptions {
  url: string;
  /** What it is signed with; absent: it is not signed. */
  secret?: string;
  signal?: AbortSignal;
  /** The first pause; each further one is twice as long. */
  pauseMs?: number;
}

const TRIES = 5;
const ANSWER_WITHIN_MS = 30_000;

/**
 * Posts the summary, signed as standardwebhooks.com has it: `webhook-id`, `webhook-timestamp` and `webhook-signature`
 * with HMAC-SHA256. Tried five times with the same id. Gives why it failed.
 */
export async function postWebhook(
  summary: unknown,
  { url, secret, signal, pauseMs = 1000 }: WebhookOptions,
): Promise<string | undefined> {
  const body = JSON.stringify(summary);
  const id = `msg_${randomUUID()}`;
  let problem = '';
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (attempt > 0) await sleep(pauseMs * 2 ** (attempt - 1), undefined, { signal });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
    };
    if (secret !== undefined)
      headers['webhook-signature'] = `v1,${sign(secret, `${id}.${timestamp}.${body}`)}`;
    try {
      const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const answer = await fetch(url, {
        method: 'POST',
        headers,
        body,
        // A redirect would send the summary somewhere that nobody named.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      await answer.body?.cancel();
      if (answer.ok) return undefined;
      problem = `it answered ${answer.status}`;
      // What was refused as it is will be refused again.
      if (answer.status < 500 && answer.status !== 408 && answer.status !== 429) return problem;
    } catch (error) {
      signal?.throwIfAborted();
      const { message, cause } = error as Error;
      problem = cause instanceof Error ? cause.message : message;
    }
  }
  return `${problem}, ${TRIES} times`;
}

/** Secrets of the form `whsec_…` are base64, all others are taken as they are. */
function sign(secret: string, content: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : secret;
  return createHmac('sha256', key).update(content).digest('base64');
}
