import type { EventSeverity } from '../../../core/event.ts';
import type { MessageKind } from '../../kind.ts';
import { cut, type Message } from '../../message.ts';
import { headersOf, type Post } from '../../post.ts';
import type { FalcosidekickConfig } from './config.ts';

/** Falco's own names; falcosidekick compares with them to choose channels. */
const priorities: Record<EventSeverity, string> = {
  critical: 'Critical',
  warning: 'Warning',
  notice: 'Notice',
};

/** Names of rules, by which falcosidekick's users route and count. */
const rules: Record<MessageKind, string> = {
  'verdict-changed': 'Pratique verdict changed',
  'pull-refused': 'Pratique pull refused',
  'admission-refused': 'Pratique admission refused',
  'break-glass': 'Pratique break-glass',
  'running-image-bad': 'Pratique running image bad',
  'advisories-stale': 'Pratique advisories stale',
  'advisories-broken': 'Pratique advisories broken',
  'exception-expiring': 'Pratique exception expiring',
  'policy-invalid': 'Pratique policy invalid',
  more: 'Pratique more messages',
  test: 'Pratique test',
};

/** What falcosidekick takes at `/`: an event as Falco itself sends it. */
export function falcosidekickPost(config: FalcosidekickConfig, message: Message, hostname: string): Post {
  const { subject } = message;
  const fields: Record<string, string | null> = {
    'pratique.kind': message.kind,
    'pratique.message_id': message.id,
    'pratique.count': String(message.count),
    'pratique.policy': subject.policy,
    'pratique.advisories': subject.advisories.length === 0 ? null : subject.advisories.join(' '),
    'pratique.cluster': subject.cluster,
    'pratique.gate': subject.gate,
    'pratique.examples': cut(message.examples.map(({ title }) => title).join('; '), 2000),
    'container.image.repository': subject.image,
    'container.image.digest': subject.digest,
    'user.name': subject.user,
    // falcosidekick takes these two for strings without looking, so they are strings or not there at all.
    'k8s.ns.name': subject.namespace,
    'k8s.pod.name': subject.workload,
  };
  const body = {
    output: [message.title, ...message.reasons].join(' | '),
    priority: priorities[message.severity],
    rule: rules[message.kind],
    time: message.at,
    output_fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
    source: 'pratique',
    tags: ['pratique', message.kind],
    hostname,
  };
  return { url: config.url, headers: headersOf(config, message.id), body: JSON.stringify(body) };
}
