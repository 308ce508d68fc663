import { z } from 'zod';

export const Label = z.object({
  label: z.enum(['billing', 'other']),
  urgency: z.number().int().min(0).max(5),
  reason: z.string(),
});
