import { buildTest } from '../build-test.ts';
import type { PolicyTest } from '../policy-test.ts';
import type { PolicyTestFile } from '../schema-test.ts';

/** An image as a policy's own tests describe one: what it does not say is as in an image with nothing wrong. */
export type MadeUp = Pick<PolicyTestFile, 'image' | 'findings' | 'packages'>;

/** When the tables are judged. */
export const at = '2026-06-01T12:00:00Z';

export function madeUp(image: MadeUp): PolicyTest {
  return buildTest({ name: 'made up', at, ...image, expect: { status: 'pass' } });
}
