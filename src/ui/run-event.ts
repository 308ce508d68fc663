import type { RecordedEvent, Shard } from '../runs/store/events.js';
import { visible } from '../text/visible.js';
import { formatCount, formatDollars, plural } from './format.js';

/** What a line of the log says about an event; nothing about those that are of no interest to a user. */
export function describeEvent(event: RecordedEvent): string | undefined {
  const text = words(event);
  return text === undefined ? undefined : visible(text);
}

function words(event: RecordedEvent): string | undefined {
  switch (event.event) {
    case 'planned':
      return `planned: ${plural(event.requests, 'request')} in ${batches(event.shards)}`;
    case 'submitting':
      return `${event.shard}: sending`;
    case 'submitted':
      return `${event.shard}: is batch ${event.batch}`;
    case 'refused':
      return `${event.shard}: not taken: ${event.message}`;
    case 'lost':
      return `${event.shard}: the answer was lost (${event.message}); looking whether there is a batch`;
    case 'found':
      return `${event.shard}: is batch ${event.batch}, recognised by ${event.by === 'metadata' ? 'its metadata' : `its ${event.by}`}`;
    case 'absent':
      return `${event.shard}: there is no batch of it; it is sent again`;
    case 'suspected':
      return `${event.shard}: may be ${event.batches.join(' or ')}; its custom ids will tell when it has ended`;
    case 'undecided':
      return `${event.shard}: could be any of ${event.batches.join(', ')}`;
    case 'ended':
      return `${event.shard}: batch ${event.batch.id} is ${event.batch.status}`;
    case 'collected':
      return `${event.shard}: ${formatCount(event.succeeded)} answered, ${formatCount(event.failed)} failed${event.usd === undefined ? '' : `, ${formatDollars(event.usd)}`}`;
    case 'returned':
      return `${event.shard}: batch ${event.batch} was not run: ${event.message}`;
    case 'vanished':
      return `${event.shard}: ${event.message}`;
    case 'split':
      return event.into.length === 1
        ? `${event.shard}: the other rows go on as ${event.into[0]?.id}: ${event.why}`
        : `${event.shard}: cut into ${event.into.map(({ id }) => id).join(' and ')}: ${event.why}`;
    case 'rows-refused':
      return `${event.shard}: ${plural(event.rows.length, 'row')} refused by the provider and left out`;
    case 'given-up':
      return `${event.shard}: given up: ${event.why}`;
    case 'limit':
      return `limit of the provider: ${event.tokens === undefined ? plural(event.requests ?? 0, 'request') : plural(event.tokens, 'token')} at the same time`;
    case 'canary':
      return `canary: ${event.message}`;
    case 'cancelling':
      return `${event.shard}: cancelling batch ${event.batch}: ${event.why}`;
    case 'deadline':
      return 'the deadline has come: what is still waiting is asked outside of batches';
    case 'asking':
      return `asking ${plural(event.rows, 'row')} outside of batches`;
    case 'asked':
      return `asked outside of batches: ${formatCount(event.succeeded)} answered, ${formatCount(event.failed)} failed${event.usd === undefined ? '' : `, ${formatDollars(event.usd)}`}`;
    case 'healed':
      return event.again === 0
        ? undefined
        : `round ${event.round + 1}: asking ${plural(event.again, 'row')} again${event.reasked > 0 ? `, ${formatCount(event.reasked)} with the complaint` : ''}, in ${batches(event.shards)}`;
    case 'removed':
      return `removed the request file ${event.file} from the provider`;
    default:
      return undefined;
  }
}

function batches(shards: readonly Shard[]): string {
  return shards.length === 1 ? '1 batch' : `${formatCount(shards.length)} batches`;
}
