import { createHash } from 'node:crypto';
import type { NewChange } from '../../core/change.ts';
import type { Exception, GrantedException } from '../../core/exception.ts';
import type { AuditAction, ExceptionStore } from '../../core/ports/exceptions.ts';
import type { VerdictStore } from '../../core/ports/verdicts.ts';
import type { Policy } from '../../policy/policy.ts';
import { canonicalJson } from '../../policy/revision.ts';

/** An exception with what it is called in the audit log and in the change stream. */
export interface NamedException {
  readonly subject: string;
  readonly exception: Exception;
}

export interface LogStores {
  readonly verdicts: Pick<VerdictStore, 'putChange'>;
  readonly exceptions: Pick<ExceptionStore, 'addAudit'>;
}

/** Who is named for what a file says. */
const fileActor = 'policy file';
const clockActor = 'clock';

/** Exceptions that stand in policy files, each under its policy, advisory and content. */
export function listedIn(policies: Iterable<Policy>): readonly NamedException[] {
  return [...policies].flatMap((policy) =>
    policy.exceptions
      .filter(({ id }) => id === null)
      .map((exception) => {
        const hash = createHash('sha256').update(canonicalJson(exception)).digest('hex').slice(0, 8);
        return { subject: `${policy.name}/${exception.advisory}/${hash}`, exception };
      }),
  );
}

/** Those of `after` whose subject is not in `before`. */
export function cameTo(
  before: readonly NamedException[],
  after: readonly NamedException[],
): readonly NamedException[] {
  const known = new Set(before.map(({ subject }) => subject));
  return after.filter(({ subject }) => !known.has(subject));
}

/** Writes down what policy files list, or no longer list. @param at milliseconds since 1970 */
export async function logListed(
  { exceptions }: LogStores,
  action: Extract<AuditAction, 'listed-in-policy' | 'gone-from-policy'>,
  named: readonly NamedException[],
  at: number,
): Promise<void> {
  for (const one of named) await exceptions.addAudit(auditOf(one, action, fileActor, at));
}

/** Writes down that exceptions are over. @param at milliseconds since 1970 */
export async function logEnded(
  { verdicts, exceptions }: LogStores,
  named: readonly NamedException[],
  at: number,
): Promise<void> {
  for (const one of named) {
    await exceptions.addAudit(auditOf(one, 'ended', clockActor, at));
    await verdicts.putChange(changeOf(one, `ended on ${one.exception.expires}`, at));
  }
}

/** A row of the change stream. The command that grants or revokes writes the audit log itself. */
export function changeOf({ subject, exception }: NamedException, what: string, at: number): NewChange {
  const where = exception.package === null ? '' : ` in ${exception.package}`;
  return {
    kind: 'exception',
    at: new Date(at).toISOString(),
    subject,
    note: `the exception of ${exception.advisory}${where} by ${exception.author} ${what}`.slice(0, 500),
  };
}

export function namedGrant(exception: GrantedException): NamedException {
  return { subject: exception.id, exception };
}

function auditOf({ subject, exception }: NamedException, action: AuditAction, actor: string, at: number) {
  return { at: new Date(at).toISOString(), actor, action, subject, detail: canonicalJson(exception) };
}
