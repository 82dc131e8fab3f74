import { createHash } from 'node:crypto';
import type { Digest } from '../core/digest.ts';
import { type EventSeverity, type EventSubject, eventSeverities, type PratiqueEvent } from '../core/event.ts';
import type { MessageKind } from './kind.ts';
import { titleOf } from './title.ts';

/** Version of what receivers are sent and of what waits in the outbox. */
export const messageSchemaVersion = 1;

/** How much of a group a message shows. */
export const mostExamples = 10;
export const mostImages = 200;
const mostReasons = 5;
/** Characters. */
const longestText = 500;
const control = /[\p{Cc}\u2028\u2029]/u;
const controls = /[\p{Cc}\u2028\u2029]+/gu;

export interface Example {
  readonly title: string;
  /** ISO 8601. */
  readonly at: string;
  readonly subject: EventSubject;
}

/** An image in a message, for receivers that keep something for each image. */
export interface MessageImage {
  readonly digest: Digest;
  readonly policy: string | null;
}

/** Events of one group, told together. */
export interface Message {
  readonly schemaVersion: typeof messageSchemaVersion;
  /** 32 hex digits; the same message has the same id however often it is sent. */
  readonly id: string;
  readonly kind: MessageKind;
  readonly severity: EventSeverity;
  /** One sentence, with the count. */
  readonly title: string;
  /** Of the first and of the last event, ISO 8601. */
  readonly at: string;
  readonly until: string;
  readonly group: string;
  /** Events that it stands for. */
  readonly count: number;
  /** True where it says that images pass again. */
  readonly resolved: boolean;
  readonly reasons: readonly string[];
  /** What all its events have in common; null where they differ. */
  readonly subject: EventSubject;
  /** The first ones, at most ten. */
  readonly examples: readonly Example[];
  /** At most 200 of the images that it is about. */
  readonly images: readonly MessageImage[];
}

/** A message of one event. @param seed what makes its id another than that of the next message of its group */
export function messageOf(event: PratiqueEvent, seed: string): Message {
  const subject = bounded(event.subject);
  const title = cut(event.title);
  const { digest, policy } = subject;
  return {
    schemaVersion: messageSchemaVersion,
    id: idOf([event.kind, event.group, seed]),
    kind: event.kind,
    severity: event.severity,
    title,
    at: event.at,
    until: event.at,
    group: cut(event.group),
    count: 1,
    resolved: isResolution(event),
    reasons: event.reasons.slice(0, mostReasons).map((text) => cut(text)),
    subject,
    examples: [{ title, at: event.at, subject }],
    images: digest === null ? [] : [{ digest, policy }],
  };
}

/** Whether it says that an image passes again, which ends what was told of it. */
export function isResolution({ kind, severity }: Pick<PratiqueEvent, 'kind' | 'severity'>): boolean {
  return kind === 'verdict-changed' && severity === 'notice';
}

/** Two messages of one group as one, with the first one's id. */
export function join(first: Message, second: Message): Message {
  const joined = {
    ...first,
    severity: worst([first.severity, second.severity]),
    at: earlier(first.at, second.at),
    until: earlier(first.until, second.until) === first.until ? second.until : first.until,
    count: first.count + second.count,
    resolved: first.resolved && second.resolved,
    subject: common(first.subject, second.subject),
    examples:
      first.examples.length >= mostExamples
        ? first.examples
        : [...first.examples, ...second.examples].slice(0, mostExamples),
    images: joinImages(first.images, second.images),
  };
  return { ...joined, title: titleOf(joined) };
}

/** Of two ISO 8601 times in UTC. */
function earlier(a: string, b: string): string {
  if (b < a) return b;
  return a;
}

function joinImages(
  first: readonly MessageImage[],
  second: readonly MessageImage[],
): readonly MessageImage[] {
  if (first.length >= mostImages) return first;
  const images = new Map([...first, ...second].map((image) => [keyOf(image), image]));
  return [...images.values()].slice(0, mostImages);
}

export function worst(severities: readonly EventSeverity[]): EventSeverity {
  return eventSeverities.find((severity) => severities.includes(severity)) ?? 'notice';
}

export function idOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** What is the same in both. */
function common(a: EventSubject, b: EventSubject): EventSubject {
  const same = <Key extends keyof EventSubject>(key: Key): EventSubject[Key] | null =>
    a[key] === b[key] ? a[key] : null;
  return {
    image: same('image'),
    digest: same('digest'),
    policy: same('policy'),
    gate: same('gate'),
    cluster: same('cluster'),
    namespace: same('namespace'),
    workload: same('workload'),
    user: same('user'),
    advisories: a.advisories.filter((id) => b.advisories.includes(id)),
  };
}

function bounded(subject: EventSubject): EventSubject {
  const short = (text: string | null): string | null => (text === null ? null : cut(text));
  return {
    ...subject,
    image: short(subject.image),
    policy: short(subject.policy),
    cluster: short(subject.cluster),
    namespace: short(subject.namespace),
    workload: short(subject.workload),
    user: short(subject.user),
    advisories: subject.advisories.slice(0, 20).map((text) => cut(text)),
  };
}

/** Names come from outside: control characters out (they would write lines of their own), and an end to their length. */
export function cut(text: string, most = longestText): string {
  const plain = control.test(text) ? text.replace(controls, ' ') : text;
  return plain.length <= most ? plain : `${plain.slice(0, most - 1)}…`;
}

function keyOf({ digest, policy }: MessageImage): string {
  return `${digest} ${policy ?? ''}`;
}
