/** Shapes on the wire. Times are RFC 3339. */
export interface MessageBatch {
  id: string;
  type: 'message_batch';
  processing_status: 'in_progress' | 'canceling' | 'ended';
  request_counts: {
    processing: number;
    succeeded: number;
    errored: number;
    canceled: number;
    expired: number;
  };
  created_at: string;
  expires_at: string;
  ended_at: string | null;
  cancel_initiated_at: string | null;
  archived_at: string | null;
  results_url: string | null;
}

export type RowResult =
  | { type: 'succeeded'; message: unknown }
  | {
      type: 'errored';
      error: { type: 'error'; error: { type: string; message: string }; request_id: string };
    }
  | { type: 'canceled' }
  | { type: 'expired' };

/** The service writes microseconds and a numeric offset: `2026-01-31T09:30:00.123000+00:00`. */
export function timestamp(date = new Date()): string {
  return date.toISOString().replace('Z', '000+00:00');
}
