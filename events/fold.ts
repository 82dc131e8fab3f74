import { noSubject } from '../core/event.ts';
import { idOf, join, type Message, messageSchemaVersion, mostExamples, worst } from './message.ts';

/** Those of one group as one; order kept by what came first. */
export function foldGroups(messages: readonly Message[]): Message[] {
  const groups = new Map<string, Message>();
  for (const message of messages) {
    const key = `${message.kind} ${message.group}`;
    const first = groups.get(key);
    groups.set(key, first === undefined ? message : join(first, message));
  }
  return [...groups.values()];
}

/**
 * One message for all of them: the group's where they are of one, else one of kind `more` that counts them.
 * @param messages at least one
 */
export function foldAll(messages: readonly [Message, ...Message[]]): Message {
  const groups = foldGroups(messages);
  const [first] = messages;
  if (groups.length === 1) return groups[0] ?? first;
  const worstFirst = ['critical', 'warning', 'notice'].flatMap((severity) =>
    groups.filter((message) => message.severity === severity),
  );
  const times = groups.flatMap(({ at, until }) => [at, until]).sort();
  return {
    schemaVersion: messageSchemaVersion,
    id: idOf(['more', ...messages.map(({ id }) => id)]),
    kind: 'more',
    severity: worst(groups.map(({ severity }) => severity)),
    title: `${groups.length} more: ${kindsOf(groups)}`,
    at: times[0] ?? first.at,
    until: times.at(-1) ?? first.until,
    group: 'more',
    count: groups.reduce((sum, { count }) => sum + count, 0),
    resolved: false,
    reasons: [],
    subject: noSubject,
    examples: worstFirst.slice(0, mostExamples).map(({ title, at, subject }) => ({ title, at, subject })),
    images: [],
  };
}

function kindsOf(messages: readonly Message[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of messages) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
