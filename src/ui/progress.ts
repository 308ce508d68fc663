import { formatBytes } from './format.js';
import { isLively } from './terminal.js';

/** Something that takes a while. On a pipe it says nothing. */
export interface Progress {
  update(done: number, total: number | undefined): void;
  text(text: string): void;
  /** Removes the line. */
  stop(): void;
}

const BAR = 24;
const SILENT: Progress = { update: () => undefined, text: () => undefined, stop: () => undefined };

/** Shows a spinner on standard error, and a bar as soon as amounts are known. */
export async function startProgress(label: string, { quiet = false } = {}): Promise<Progress> {
  if (quiet || !isLively(process.stderr)) return SILENT;
  const { default: ora } = await import('ora');
  // Ctrl-C is handled by the command, which cleans up first.
  const spinner = ora({ text: label, stream: process.stderr, discardStdin: false }).start();
  return {
    update(done, total) {
      spinner.text = `${label} ${total ? bar(done / total) : ''} ${formatBytes(done)}${total ? ` of ${formatBytes(total)}` : ''}`;
    },
    text(text) {
      spinner.text = text;
    },
    stop: () => void spinner.stop(),
  };
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${Math.floor(Math.min(1, share) * 100)}%`;
}
