import type { GateName } from '../../core/context.ts';
import type { Clearance } from '../../core/ports/gate.ts';
import { allows, type Suppressed, type Verdict } from '../../core/verdict.ts';
import { vexSources } from '../../core/vex.ts';
import { oneLine } from '../../policy/text.ts';

/** A verdict as who asks is told it: the same, with what the binding makes of it. */
export function saidText(clearance: Clearance, verdict: Verdict | null, gate: GateName): string {
  const { status, reasons } = clearance;
  const said =
    verdict === null || verdict.status !== status
      ? [
          `verdict: ${status}`,
          ...reasons.map((reason) => `  - ${oneLine(reason, 600)}`),
          ...(verdict?.suppressed ?? []).map((one) => `  - ${suppressedText(one)}`),
        ].join('\n')
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
    ...verdict.suppressed.map((one) => `  - ${suppressedText(one)}`),
  ];
  if (verdict.next !== null) lines.push(`  - becomes ${verdict.next.status} at ${verdict.next.at}`);
  return lines.join('\n');
}

/** A finding that is not held against the image, with why and by whom. */
export function suppressedText({ id, name, package: place, reason, by, expires, vex }: Suppressed): string {
  const what = `${name ?? id} in ${place}`;
  if (vex === undefined) return `let through until ${expires}: ${oneLine(`${what} (${reason}; ${by})`, 400)}`;
  return `silenced by VEX: ${oneLine(`${what}: ${reason}`, 400)} (${oneLine(vexSources(vex), 400)})`;
}
