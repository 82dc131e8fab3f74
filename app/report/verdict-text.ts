import type { GateName } from '../../core/context.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import { allows, type Verdict } from '../../core/verdict.ts';
import { oneLine } from '../../policy/text.ts';

/** A verdict as who asks is told it: the same, with what the binding makes of it. */
export function saidText(clearance: Clearance, verdict: Verdict | null, gate: GateName): string {
  const { status, reasons } = clearance;
  const said =
    verdict === null || verdict.status !== status
      ? [`verdict: ${status}`, ...reasons.map((reason) => `  - ${oneLine(reason, 600)}`)].join('\n')
      : verdictText(verdict);
  const ruled = ruledText(clearance, gate);
  return ruled === null ? said : `${said}\n${ruled}`;
}

/** null where there is nothing to say: the policy holds as it stands. */
function ruledText({ ruled, status, allowed }: Clearance, gate: GateName): string | null {
  if (ruled === null) return null;
  const { binding, policy, mode } = ruled;
  const by = `for gate ${gate}: binding ${binding}, policy ${policy}, mode ${mode}`;
  return allowed && !allows(status) ? `${by}: let through all the same` : by;
}

function verdictText(verdict: Verdict): string {
  const lines = [
    `verdict: ${verdict.status} (policy ${verdict.policy}, advisories ${verdict.advisoriesRevision})`,
    ...verdict.reasons.map((reason) => `  - ${reason}`),
    ...verdict.suppressed.map(
      (one) =>
        `  - let through until ${one.expires}: ${oneLine(`${one.name ?? one.id} in ${one.package} (${one.reason}; ${one.by})`, 400)}`,
    ),
  ];
  if (verdict.next !== null) lines.push(`  - becomes ${verdict.next.status} at ${verdict.next.at}`);
  return lines.join('\n');
}
