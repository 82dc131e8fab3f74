import { z } from 'zod';

const count = z.int().nonnegative();
const text = z.string();
const rowSchema = z.object({
  status: z.enum(['fail', 'error', 'unjudged', 'warn', 'pass']),
  refused: z.boolean(),
  image: text,
  digest: text.nullable(),
  namespace: text,
  workload: text,
  pods: count,
  since: text.nullable(),
  wentBad: z.boolean(),
  worst: text.nullable(),
  fix: text.nullable(),
  reason: text.nullable(),
  policy: text.nullable(),
  binding: text.nullable(),
  mode: text.nullable(),
});
/** What `GET /api/v1/running` answers, as much of it as is shown. */
export const viewSchema = z.object({
  schemaVersion: z.literal(1),
  leader: z.boolean(),
  holder: text.nullable(),
  synced: z.boolean(),
  trouble: text.nullable(),
  pods: count,
  unread: count,
  waiting: count,
  counts: z.object({
    images: z.object({ fail: count, error: count, unjudged: count, warn: count, pass: count }),
    refused: count,
    wentBad: count,
    fixable: count,
  }),
  rows: z.array(rowSchema),
  total: count,
});
export type RunningAnswer = z.output<typeof viewSchema>;
