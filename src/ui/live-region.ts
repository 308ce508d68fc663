import { isLively } from './terminal.js';

/** A part of the terminal that is drawn over and over in place. */
export interface LiveRegion {
  draw(text: string): void;
  /** Leaves the last drawing, or removes it. */
  stop(options?: { clear?: boolean }): void;
}

const ENTER_SCREEN = '\u001B[?1049h\u001B[H';
const LEAVE_SCREEN = '\u001B[?1049l';

/** Opens a region, in the alternate screen if wanted; undefined where nothing can be drawn in place. */
export async function openLiveRegion(
  stream: NodeJS.WriteStream,
  screen = false,
): Promise<LiveRegion | undefined> {
  if (!isLively(stream)) return undefined;
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(stream);
  if (screen) stream.write(ENTER_SCREEN);
  let stopped = false;
  return {
    draw(text) {
      // More lines than the terminal has cannot be taken back: the rest is cut off.
      const lines = text.split('\n');
      const rows = (stream.rows ?? 24) - 1;
      update(lines.length > rows ? [...lines.slice(0, rows - 1), '…'].join('\n') : text);
    },
    stop({ clear = false } = {}) {
      if (stopped) return;
      stopped = true;
      if (clear) update.clear();
      update.done();
      if (screen) stream.write(LEAVE_SCREEN);
    },
  };
}
