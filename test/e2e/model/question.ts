import type { Answer } from '../../integration/client.ts';
import type { Hosted, Proxied } from './world.ts';

/** Something that is asked of the proxy. */
export interface Question {
  readonly repository: Proxied | Hosted;
  readonly what: 'manifest' | 'blob';
  /** A tag or a digest. */
  readonly reference: string;
  readonly method: 'GET' | 'HEAD';
  /** Of a blob: first and last byte. */
  readonly range: readonly [number, number] | null;
  /** As who pushes to hosted repositories; else as nobody. */
  readonly asPusher: boolean;
  /** By `?ns=` instead of the upstream's name in the path. */
  readonly byNamespace: boolean;
}

/** When it was asked, and what came back. */
export interface Asked {
  readonly question: Question;
  /** Since when what it is told may have been found out: requests for the same thing share their work. */
  readonly since: number;
  readonly from: number;
  readonly to: number;
  /** Which manifests the proxy was known to hold when it was asked. */
  readonly heldBefore: ReadonlySet<string>;
  /** null: the connection broke. */
  readonly answer: Answer | null;
}

export function pathOf({ repository, what, reference, byNamespace }: Question): string {
  const rest = `${what}s/${reference}`;
  if (repository.kind === 'hosted') return `/v2/hosted/${repository.path}/${rest}`;
  return byNamespace
    ? `/v2/${repository.path}/${rest}?ns=registry.corp`
    : `/v2/corp/${repository.path}/${rest}`;
}

export function questionText(question: Question): string {
  const range = question.range === null ? '' : ` bytes ${question.range.join('-')}`;
  return `${question.method} ${pathOf(question)}${range}${question.asPusher ? ' as ci' : ''}`;
}
