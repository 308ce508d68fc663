/** Longer delays make Node fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Resolves after a while, or as soon as one of the signals is raised. Keeps no process alive. */
export function pause(milliseconds: number, ...signals: AbortSignal[]): Promise<void> {
  if (milliseconds <= 0 || signals.some((signal) => signal.aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, Math.min(milliseconds, LONGEST_DELAY)).unref();
    for (const signal of signals) signal.addEventListener('abort', finish, { once: true });
  });
}
