import { ProviderError, type Batch, type BatchStatus } from '@instructor-cli/provider-kit';
import { asDate, asNumber, asRecord, asText } from '@instructor-cli/provider-kit/wire';

/** Reads a message batch. It has no failed, expired or cancelled state: how it ended follows from the counts. */
export function readBatch(raw: unknown, provider: string): Batch {
  const batch = asRecord(raw);
  const id = asText(batch?.['id']);
  if (!batch || !id) {
    throw new ProviderError('unavailable', `${provider} sent something that is not a batch`, {
      hint: 'Check that the base URL points at its API',
    });
  }
  const rawStatus = asText(batch['processing_status']) ?? 'unknown';
  const counts = asRecord(batch['request_counts']) ?? {};
  const [processing, succeeded, errored, canceled, expired] = [
    'processing',
    'succeeded',
    'errored',
    'canceled',
    'expired',
  ].map((name) => asNumber(counts[name]));
  const status = statusOf(rawStatus, { canceled, expired });
  const ended = rawStatus === 'ended';
  const known = processing !== undefined;
  const total = known
    ? processing + (succeeded ?? 0) + (errored ?? 0) + (canceled ?? 0) + (expired ?? 0)
    : undefined;
  const created = asDate(batch['created_at']);
  return {
    id,
    status: status ?? 'processing',
    rawStatus,
    unknownStatus: status === undefined,
    endpoint: '/v1/messages',
    times: {
      created,
      // A batch is in progress from the moment it exists.
      started: created,
      cancelling: asDate(batch['cancel_initiated_at']),
      ended: asDate(batch['ended_at']),
      expires: asDate(batch['expires_at']),
      archived: asDate(batch['archived_at']),
    },
    // Until the batch has ended everything counts as processing and the rest as 0: what is done is not known.
    counts: ended ? { succeeded, errored, processing, canceled, expired } : { processing },
    requests: ended ? { total, succeeded, failed: sum(errored, canceled, expired), processing } : { total },
    problems: [],
    files: asText(batch['results_url']) ? [{ kind: 'output', id }] : [],
    raw,
  };
}

/** Adds what is known; of nothing known the sum is not 0, but unknown. */
function sum(...counts: (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0);
}

function statusOf(
  rawStatus: string,
  ending: { canceled: number | undefined; expired: number | undefined },
): BatchStatus | undefined {
  switch (rawStatus) {
    case 'in_progress':
      return 'processing';
    case 'canceling':
      return 'cancelling';
    case 'ended':
      if (ending.canceled) return 'cancelled';
      return ending.expired ? 'expired' : 'completed';
    default:
      return undefined;
  }
}
