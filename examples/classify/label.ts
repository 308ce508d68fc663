import { z } from 'zod';

export const Label = z.object({
  label: z.enum(['SPAM', 'NOT_SPAM']).describe('Whether the email is spam'),
  confidence: z.number().min(0).max(1).describe('How sure you are, from 0 to 1'),
  reason: z.string().optional().describe('One short sentence'),
});
