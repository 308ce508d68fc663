import type { RetriedRequests } from '../core/retry-requests.js';
import { formatCount, plural } from './format.js';
import { note, say } from './notes.js';
import { printReasons } from './summary.js';

/** What is asked again and what is not, and why. */
export function printRetried(
  retried: RetriedRequests,
  { leftOutPath, checked }: { leftOutPath: string | undefined; checked: boolean },
): void {
  const { requests, again, reasked, done, leftOut } = retried;
  const answer = checked ? 'a good answer' : 'an answer';
  const kinds = [...again].map(([outcome, count]) => `${formatCount(count)} ${outcome}`).join(', ');
  const complaints = reasked > 0 ? `; ${formatCount(reasked)} with the complaint` : '';
  if (requests > 0) say(`Asking ${plural(requests, 'row')} again: ${kinds}${complaints}`);
  else say(leftOut.total > 0 ? 'No row is worth another try' : `Every row has ${answer}`);
  if (done > 0 && requests + leftOut.total > 0)
    say(`${plural(done, 'row')} ${done === 1 ? 'has' : 'have'} ${answer}`);
  if (done > 0 && !checked)
    note('Whether answers fit was not checked: --response-model FILE#EXPORT does that');
  if (leftOut.total === 0) return;
  const place = leftOutPath === undefined ? '' : `, listed in ${leftOutPath}`;
  say(`Left alone: ${plural(leftOut.total, 'row')}${place}`);
  printReasons(leftOut);
}
