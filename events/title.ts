import type { EventSubject } from '../core/event.ts';
import type { MessageKind } from './kind.ts';

interface Told {
  readonly kind: MessageKind;
  readonly count: number;
  readonly resolved: boolean;
  readonly subject: EventSubject;
  readonly examples: readonly { readonly title: string }[];
}

/** One sentence for all events of a message; of a single event its own. */
export function titleOf(told: Told): string {
  const own = told.examples[0]?.title ?? told.kind;
  const { count, subject } = told;
  if (count <= 1) return own;
  const of = subject.image === null ? '' : ` of ${subject.image}`;
  const by = subject.policy === null ? '' : ` by policy "${subject.policy}"`;
  switch (told.kind) {
    case 'verdict-changed':
      return told.resolved
        ? `${count} images pass again${by}`
        : `${because(subject)}${count} images pass no longer${by}`;
    case 'running-image-bad':
      return `${because(subject)}${count} running images pass no longer${by}`;
    case 'pull-refused':
      return `${count} pulls${of} were refused${by}`;
    case 'admission-refused':
      return `${count} admissions${of} were refused${by}`;
    case 'break-glass':
      return `${count} objects were let in by a break-glass${subject.namespace === null ? '' : ` in ${subject.namespace}`}`;
    case 'advisories-stale':
    case 'advisories-broken':
    case 'exception-expiring':
    case 'policy-invalid':
    case 'more':
    case 'test':
      return `${own} (and ${count - 1} more of the kind)`;
  }
}

function because({ advisories }: EventSubject): string {
  return advisories[0] === undefined ? '' : `${advisories[0]}: `;
}
