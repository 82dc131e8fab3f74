import type { Clearance } from '../core/ports/gate.ts';
import { allows } from '../core/verdict.ts';
import { explanation } from '../policy/explain.ts';
import { oneLine } from '../policy/text.ts';

/** Characters; a message may have to hold several. */
const longestReason = 1000;

/** Why a clearance is what it is, in one line. */
export function explainClearance(clearance: Clearance): string {
  const platform = clearance.platforms.find(
    ({ status, verdict }) => !allows(status) && status === clearance.status && verdict?.status === status,
  );
  if (platform?.verdict != null) {
    const where =
      clearance.platforms.length > 1 && platform.platform !== null ? `${platform.platform}: ` : '';
    return `${where}${explanation(platform.verdict, longestReason)}`;
  }
  const reasons = clearance.reasons.slice(0, 5).join('; ');
  return oneLine(reasons === '' ? `its verdict is ${clearance.status}` : reasons, longestReason);
}
