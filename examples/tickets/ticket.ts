import { z } from 'zod';

export const Ticket = z.object({
  kind: z.enum(['bug', 'billing', 'question', 'praise']).describe('What the ticket is about'),
  urgency: z.int().min(1).max(5).describe('5 is most urgent'),
  summary: z.string().describe('One sentence, without names'),
  customer: z
    .object({
      mood: z.enum(['happy', 'neutral', 'angry']).describe('How the customer sounds'),
      wants_call: z.boolean().describe('Whether they ask to be called'),
    })
    .describe('What the ticket says about the customer'),
});
