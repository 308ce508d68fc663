import { setMaxListeners } from 'node:events';

/** Ctrl-C and its kin, as a signal that work can end itself by. */
export interface Interruption {
  signal: AbortSignal;
  /** Set once it happened. */
  exitCode?: number;
  /** Nobody reads the output any more, as after `| head`: no error, only the end. */
  closedPipe: boolean;
  release(): void;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * The first signal asks the command to end, so that it can remove temporary files and restore the terminal.
 * The second one ends it at once.
 */
export function interruptible(): Interruption {
  const controller = new AbortController();
  // Every call under way listens; Node takes more than ten of them for a leak.
  setMaxListeners(0, controller.signal);
  const interruption: Interruption = {
    signal: controller.signal,
    closedPipe: false,
    release() {
      for (const name of Object.keys(EXIT_CODES)) process.removeListener(name, onSignal);
      process.stdout.removeListener('error', onOutputError);
    },
  };
  const onSignal = (name: keyof typeof EXIT_CODES): void => {
    if (controller.signal.aborted) process.exit(EXIT_CODES[name]);
    interruption.exitCode = EXIT_CODES[name];
    controller.abort(new DOMException('Interrupted', 'AbortError'));
  };
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    interruption.closedPipe = true;
    controller.abort(new DOMException('Nobody reads the output', 'AbortError'));
  };
  for (const name of Object.keys(EXIT_CODES)) process.on(name, onSignal);
  process.stdout.on('error', onOutputError);
  return interruption;
}
