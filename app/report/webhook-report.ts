import { oneLine, plural } from '../../policy/text.ts';
import type { Readiness } from '../../webhook/install/health.ts';
import type { Look } from '../../webhook/install/look.ts';
import type { Mode, Place } from '../../webhook/install/manifests.ts';
import type { Installed } from '../../webhook/install/state.ts';
import { formatTable } from './table.ts';
import { unreachedAdvice } from './unreached.ts';

const mostRows = 100;
const mostNamespaces = 3;
const longest = 500;

/** What is sent beside the cluster's own kinds. */
export function sentText({ kinds, rules }: Pick<Installed, 'kinds' | 'rules'>): readonly string[] {
  return [
    ...kinds.map(({ group, kind }) => `${kind}.${group}`),
    ...rules.flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((one) => (group === '' ? one : `${one}.${group}`))),
    ),
  ];
}

export function placeText(place: Place): string {
  return place.kind === 'url' ? place.url : `service ${place.namespace}/${place.name}:${place.port}`;
}

/** What `webhook install` has done. */
export function reachedText(facts: {
  readonly configuration: string;
  readonly server: string;
  readonly mode: Mode;
  readonly place: string;
  /** What to do where it is not reached; empty: nothing. */
  readonly advice: readonly string[];
  readonly excluded: readonly string[];
  /** As `sentText`. */
  readonly kinds: readonly string[];
  readonly known: boolean;
  /** null: nobody has looked. */
  readonly reached: boolean | null;
  readonly why: string | null;
}): string {
  const { configuration, server, mode, place, advice, excluded, kinds, known, reached, why } = facts;
  return [
    `${known ? 'looked after' : 'installed'} in ${server}: ValidatingWebhookConfiguration "${configuration}", ${modeText(mode)}`,
    `the API server asks ${place}; not judged: ${excluded.join(', ')}`,
    ...(kinds.length === 0 ? [] : [`also judged: ${kinds.join(', ')}`]),
    ...(reached === null
      ? []
      : [
          reached
            ? 'the webhook is reached'
            : `the webhook is not reached yet: ${oneLine(why ?? '', longest)}`,
          ...advice.map((text) => `  ! ${text}`),
        ]),
    mode === 'audit'
      ? 'next: pratique webhook status tells what would be refused, pratique webhook enforce switches'
      : 'back to audit: pratique webhook enforce --off',
  ].join('\n');
}

export interface StatusFacts {
  readonly configuration: string;
  readonly server: string;
  /** null: it is not installed. */
  readonly installed: {
    readonly mode: Mode | null;
    readonly failurePolicy: string;
    readonly managedBy: string | null;
    readonly mutate: boolean;
    readonly place: Place;
    readonly excluded: readonly string[];
    /** As `sentText`. */
    readonly kinds: readonly string[];
    /** Milliseconds since 1970; null: none is entered. */
    readonly authorityEnds: number | null;
    /** null: it cannot be seen from here. */
    readonly certificateEnds: number | null;
    readonly readiness: Readiness | null;
    readonly obstacles: readonly string[];
  } | null;
  readonly reached: { readonly reached: boolean; readonly why: string | null } | null;
  readonly look: Look | null;
  /** Images of namespaces that are not judged. */
  readonly notJudged: number;
}

/** @param now milliseconds since 1970 */
export function statusText(facts: StatusFacts, now: number): string {
  const { configuration, server, installed, reached, look, notJudged } = facts;
  if (installed === null) {
    return `"${configuration}" is not installed in ${server}: run pratique webhook install`;
  }
  const { mode, failurePolicy, place, excluded, managedBy, readiness } = installed;
  const rows: readonly (readonly [string, string])[] = [
    ['installed', `"${configuration}" in ${server}, by ${managedBy ?? 'somebody who has not said so'}`],
    [
      'mode',
      `${mode === null ? 'asks another path than /audit and /validate' : modeText(mode)}, failurePolicy ${failurePolicy}`,
    ],
    ['webhook', placeText(place)],
    [
      'reached',
      reached?.reached === true
        ? 'yes'
        : `no: ${oneLine(reached?.why ?? 'it lets in what every policy refuses', longest)}`,
    ],
    ['ready', readinessText(readiness)],
    [
      'authority',
      installed.authorityEnds === null ? 'none is entered' : endText(installed.authorityEnds, now),
    ],
    [
      'certificate',
      installed.certificateEnds === null
        ? 'cannot be seen from here'
        : endText(installed.certificateEnds, now),
    ],
    ...(installed.kinds.length === 0 ? [] : [['also judged', installed.kinds.join(', ')] as const]),
    ['not judged', `${excluded.join(', ')} (${plural(notJudged, 'image')})`],
  ];
  return [
    rows.map(([key, value]) => `${key.padEnd(12)}${value}`).join('\n'),
    ...installed.obstacles.map((text) => `  ! ${text}`),
    ...(reached?.reached === false
      ? unreachedAdvice({ mode, failurePolicy, place, why: reached.why }).map((text) => `  ! ${text}`)
      : []),
    ...(look === null ? [] : ['', lookText(look, mode)]),
  ].join('\n');
}

/** `12 of 340 images would be refused, 3 of them running`, with a table, worst first. */
export function lookText(look: Look, mode: Mode | null = 'audit'): string {
  const { images, refusedImages, refusedRunning, refused, unknown } = look;
  const again = mode === 'enforce' ? 'would be refused if they came again' : 'would be refused';
  const head = `${refusedImages} of ${plural(images, 'image')} ${again}, ${refusedRunning} of them running`;
  const more = refused.length - mostRows;
  const notYet = new Set(refused.filter((row) => row.notYet).map(({ image }) => image)).size;
  return [
    head,
    ...(notYet === 0 ? [] : [`${notYet} of them only because nobody knows them yet: ask again in a minute`]),
    ...(unknown.count === 0
      ? []
      : [`${plural(unknown.count, 'question')} without an answer: ${oneLine(unknown.why ?? '', longest)}`]),
    ...(refused.length === 0
      ? []
      : [
          '',
          formatTable(
            ['IMAGE', 'NAMESPACES', 'PODS', 'WHY'],
            refused
              .slice(0, mostRows)
              .map(({ image, namespaces, running, why }) => [
                image,
                namespacesText(namespaces),
                String(running),
                withoutImage(why),
              ]),
          ),
        ]),
    ...(more > 0 ? [`and ${more} more; --format json has all`] : []),
  ].join('\n');
}

function namespacesText(namespaces: readonly string[]): string {
  const more = namespaces.length - mostNamespaces;
  return `${namespaces.slice(0, mostNamespaces).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The reason stands behind the image's full name. */
function withoutImage(why: string): string {
  const at = why.indexOf(': ');
  return at < 0 ? why : why.slice(at + 2);
}

function modeText(mode: Mode): string {
  return mode === 'audit'
    ? 'audit: everything is let in, and what would be refused is told'
    : 'enforce: what is refused does not start';
}

function readinessText(readiness: Readiness | null): string {
  if (readiness === null) return 'cannot be asked from here';
  if (!readiness.ready) return `no: ${readiness.text}`;
  return readiness.text === 'ok' ? 'yes' : `yes, but ${readiness.text}`;
}

function endText(at: number, now: number): string {
  return at > now ? `until ${dayOf(at)}` : `ended ${dayOf(at)}`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
