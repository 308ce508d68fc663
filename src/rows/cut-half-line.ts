import { open } from 'node:fs/promises';
import { describeFileError } from '../failure/file-error.js';

const PIECE = 64 * 1024;
const LINE_FEED = 0x0a;

/** Removes what stands behind the last line feed: a line that was being written when its program was ended. False if there is no file. */
export async function cutHalfLine(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'r+');
    try {
      const { size } = await handle.stat();
      const piece = Buffer.allocUnsafe(PIECE);
      for (let end = size; end > 0; end -= PIECE) {
        const start = Math.max(0, end - PIECE);
        const { bytesRead } = await handle.read(piece, 0, end - start, start);
        const at = piece.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
        if (at === -1) continue;
        if (start + at + 1 < size) await handle.truncate(start + at + 1);
        return true;
      }
      await handle.truncate(0);
      return true;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw describeFileError(error, 'write', path);
  }
}
