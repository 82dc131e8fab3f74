import type { EventSeverity } from '../../../core/event.ts';
import type { MessageKind } from '../../kind.ts';
import { type Message, type MessageImage, mostImages } from '../../message.ts';
import { headersOf, type Post } from '../../post.ts';
import { endedKinds } from '../config.ts';
import type { AlertmanagerConfig } from './config.ts';

const names: Record<MessageKind, string> = {
  'verdict-changed': 'PratiqueImageRefused',
  'pull-refused': 'PratiquePullRefused',
  'admission-refused': 'PratiqueAdmissionRefused',
  'break-glass': 'PratiqueBreakGlass',
  'running-image-bad': 'PratiqueRunningImageBad',
  'advisories-stale': 'PratiqueAdvisoriesStale',
  'advisories-broken': 'PratiqueAdvisoriesBroken',
  'exception-expiring': 'PratiqueExceptionExpiring',
  'policy-invalid': 'PratiquePolicyInvalid',
  more: 'PratiqueMoreMessages',
  test: 'PratiqueTest',
};

/** Each severity with which what ends may have begun. */
const firing: readonly EventSeverity[] = ['critical', 'warning'];

type Labels = Readonly<Record<string, string>>;

/**
 * `POST /api/v2/alerts`. Alertmanager tells alerts apart by their labels and groups them itself, so what is about images
 * is one alert for each, of labels that a resolution can name again; everything else is one alert.
 */
export function alertmanagerPost(config: AlertmanagerConfig, message: Message): Post {
  const url = `${config.url.replace(/\/+$/, '')}/api/v2/alerts`;
  const alerts = message.resolved ? resolutions(message) : firings(message, config.alertFor);
  return { url, headers: headersOf(config, message.id), body: JSON.stringify(alerts) };
}

function firings(message: Message, alertFor: number): object[] {
  const alert = (labels: Labels): object => ({
    labels,
    annotations: annotationsOf(message),
    startsAt: message.at,
    endsAt: new Date(Date.parse(message.until) + alertFor).toISOString(),
  });
  if (!isOfImages(message.kind) || message.images.length === 0)
    return [alert(withoutNulls({ ...base(message.kind, message.severity), ...placeOf(message) }))];
  const each = message.images.map((image) => alert(imageLabels(message.kind, message.severity, image)));
  const { policy } = message.subject;
  const rest = { ...base(message.kind, message.severity), policy, digest: 'others', group: message.group };
  return message.count > mostImages ? [...each, alert(withoutNulls(rest))] : each;
}

function resolutions(message: Message): object[] {
  return message.images.flatMap((image) =>
    endedKinds.flatMap((kind) =>
      firing.map((severity) => ({
        labels: imageLabels(kind, severity, image),
        annotations: annotationsOf(message),
        startsAt: message.at,
        endsAt: message.until,
      })),
    ),
  );
}

function isOfImages(kind: MessageKind): boolean {
  return kind === 'verdict-changed' || kind === 'running-image-bad';
}

/** No name of an image: it may have several, and a resolution could come with another one. */
function imageLabels(kind: MessageKind, severity: EventSeverity, { digest, policy }: MessageImage): Labels {
  return withoutNulls({ ...base(kind, severity), digest, policy });
}

function base(kind: MessageKind, severity: EventSeverity): Labels {
  return { alertname: names[kind], severity, source: 'pratique' };
}

function placeOf({ subject, kind, group }: Message): Readonly<Record<string, string | null>> {
  const { cluster, namespace, policy, digest } = subject;
  return { cluster, namespace, policy, digest, group: kind === 'more' ? null : group };
}

function annotationsOf(message: Message): Labels {
  const { image, namespace, workload, advisories } = message.subject;
  return withoutNulls({
    summary: message.title,
    description: [...message.reasons, ...message.examples.map(({ title }) => title)].join('\n'),
    count: String(message.count),
    message: message.id,
    image,
    namespace,
    workload,
    advisories: advisories.length === 0 ? null : advisories.join(' '),
  });
}

function withoutNulls(values: Readonly<Record<string, string | null>>): Labels {
  const kept = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null);
  return Object.fromEntries(kept);
}
