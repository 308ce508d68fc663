import type { Conducted } from '../runs/conduct/conduct-run.js';
import type { RunContext } from '../runs/run-context.js';
import { postWebhook, runNotifyCommand } from '../runs/tell/notify.js';
import { runToJson } from '../runs/tell/run-summary.js';
import { summaryToJson } from '../ui/json.js';
import { warn } from '../ui/notes.js';

/** How the user wants to be told that a run is through. */
export interface TellOptions {
  /** A command for a shell. */
  notify?: string;
  /** An address to post to. */
  webhook?: string;
  /** Ring the bell of the terminal. */
  bell: boolean;
}

/** Whoever wants to know that the run is through is told, and nothing of it depends on that. */
export async function tellEnd(
  run: RunContext,
  conducted: Conducted,
  { notify, webhook, bell }: TellOptions,
  secret: string | undefined,
): Promise<void> {
  const outcome = 'outcome' in conducted ? conducted.outcome : undefined;
  const summary = {
    ...runToJson(run.paths.folder, run.settings, run.state),
    summary: outcome ? summaryToJson(outcome.summary) : null,
  };
  if (bell && process.stderr.isTTY) process.stderr.write('\u0007');
  if (notify !== undefined) {
    const problem = await runNotifyCommand(notify, summary);
    if (problem !== undefined) warn(`The command of --notify failed: ${problem}`);
  }
  if (webhook === undefined) return;
  const problem = await postWebhook(summary, { url: webhook, secret, signal: run.signal });
  if (problem !== undefined) warn(`The webhook could not be reached: ${problem}`);
}
