import type { Exception, GrantedException } from '../../core/exception.ts';
import type { AuditEntry } from '../../core/ports/exceptions.ts';
import { oneLine, plural } from '../../policy/text.ts';
import { formatTable } from './table.ts';

export type ExceptionState = 'holds' | 'ended' | 'revoked';

/** An exception, wherever it stands, with what it does at the moment. */
export interface ListedException {
  readonly exception: Exception;
  /** Name of the policy whose file it stands in; null: granted by hand. */
  readonly file: string | null;
  readonly state: ExceptionState;
  readonly revoked: GrantedException['revoked'];
  /** What it lets through: findings in so many images, as last judged; null: only gates can tell, who know who asks. */
  readonly suppresses: { readonly findings: number; readonly images: number } | null;
}

export interface ExceptionList {
  /** false: those of policy files are not known. */
  readonly complete: boolean;
  /** Why the policy's files cannot be read; null: they can. */
  readonly problem: string | null;
  readonly list: readonly ListedException[];
  /** Milliseconds since 1970. */
  readonly at: number;
}

export function exceptionsTable({ list, at }: ExceptionList): string {
  if (list.length === 0) return 'no exceptions';
  const rows = list.map(({ exception, file, state, suppresses }) => [
    exception.id ?? `policy ${oneLine(file ?? '', 60)}`,
    oneLine(exception.advisory, 60),
    oneLine(whatText(exception), 120),
    state === 'holds' ? `${exception.expires} (${leftText(exception.endsAt - at)})` : state,
    suppresses === null
      ? 'at gates'
      : `${plural(suppresses.findings, 'finding')} in ${plural(suppresses.images, 'image')}`,
    oneLine(
      `${exception.reason} (${exception.author}${exception.ticket === null ? '' : `, ${exception.ticket}`})`,
      160,
    ),
  ]);
  return formatTable(['EXCEPTION', 'ADVISORY', 'FOR', 'UNTIL', 'LETS THROUGH', 'REASON'], rows);
}

export function exceptionsJson({ list, complete, problem }: ExceptionList): object {
  return {
    schemaVersion: 1,
    complete,
    problem,
    exceptions: list.map(({ exception: { endsAt, ...exception }, ...rest }) => ({
      ...exception,
      endsAt: isoOrText(endsAt, exception.expires),
      ...rest,
    })),
  };
}

/** Days for people: what ends within a day is told in hours. */
export function leftText(milliseconds: number): string {
  if (milliseconds <= 0) return 'ended';
  const hours = milliseconds / 3_600_000;
  return hours < 48
    ? `${plural(Math.ceil(hours), 'hour')} left`
    : `${plural(Math.floor(hours / 24), 'day')} left`;
}

/** Package, images and scope of an exception: `openssl, docker.io/library/*, gate admission, namespace web`. */
export function whatText({ package: name, image, scope }: Exception): string {
  const part = (noun: string, values: readonly string[]): string[] =>
    values.length === 0 ? [] : [`${noun} ${values.join(' or ')}`];
  return [
    name ?? 'every package',
    image ?? 'every image',
    ...part('policy', scope.policies),
    ...part('gate', scope.gates),
    ...part('cluster', scope.clusters),
    ...part('namespace', scope.namespaces),
  ].join(', ');
}

/** One line of the audit log for a person. */
export function auditLine({ id, at, actor, action, subject, detail }: AuditEntry): string {
  return `${String(id).padStart(5)}  ${at}  ${action.padEnd(16)}  ${oneLine(subject, 100)} by ${oneLine(actor, 100)}: ${oneLine(detail, 400)}`;
}

/** A time beyond what dates can tell is told as it was written. */
function isoOrText(milliseconds: number, text: string): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
