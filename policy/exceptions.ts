import type { Finding } from '../core/finding.ts';
import { matchesImage } from './image-pattern.ts';
import { cveIn, membersOf } from './members.ts';
import type { Exception } from './policy.ts';

/** Exceptions by the advisory they name, those alone that hold for the image. */
export type ExceptionIndex = ReadonlyMap<string, readonly Exception[]>;

/**
 * @param images canonical names of every repository the image is known from. A pattern has to fit all of them:
 *   a copy in an exempt repository does not exempt the original (docs/adr/0004-image-and-context-rules.md).
 */
export function indexExceptions(exceptions: readonly Exception[], images: readonly string[]): ExceptionIndex {
  const index = new Map<string, Exception[]>();
  for (const exception of exceptions) {
    const pattern = exception.image;
    if (pattern !== null && (images.length === 0 || !images.every((name) => matchesImage(pattern, name)))) {
      continue;
    }
    const known = index.get(exception.advisory);
    if (known === undefined) index.set(exception.advisory, [exception]);
    else known.push(exception);
  }
  return index;
}

/**
 * The exception that decides until when a finding is let through, ended or not: the one that holds longest.
 * A record that bundles several CVEs (a DSA) is let through by its own id, or while every CVE in it is: an
 * exception for one of them says nothing of the others.
 * @param names the finding's package and the sources it was built from
 */
export function governingException(
  index: ExceptionIndex,
  finding: Pick<Finding, 'id' | 'aliases'>,
  names: readonly string[],
): Exception | null {
  // Most findings are named by none, and every candidate below has one of these names.
  if (!index.has(finding.id) && !finding.aliases.some((alias) => index.has(alias))) return null;
  const naming = (advisory: string) =>
    longest(
      (index.get(advisory) ?? []).filter(
        (exception) => exception.package === null || names.includes(exception.package),
      ),
    );
  const all = [finding.id, ...finding.aliases];
  const members = membersOf(all);
  if (members.size <= 1) return longest(all.map(naming).filter((exception) => exception !== null));
  // A name beside the record's own may be that of one member alone.
  const whole = cveIn(finding.id) === null ? naming(finding.id) : null;
  const each = [...members.values()].map((names) =>
    longest(names.map(naming).filter((exception) => exception !== null)),
  );
  return longest([whole, shortest(each)].filter((exception) => exception !== null));
}

function longest(exceptions: readonly Exception[]): Exception | null {
  return exceptions.reduce<Exception | null>(
    (best, exception) => (best === null || exception.endsAt > best.endsAt ? exception : best),
    null,
  );
}

/** null where one is missing. */
function shortest(exceptions: readonly (Exception | null)[]): Exception | null {
  let first: Exception | null = null;
  for (const exception of exceptions) {
    if (exception === null) return null;
    if (first === null || exception.endsAt < first.endsAt) first = exception;
  }
  return first;
}
