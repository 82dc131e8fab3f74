import type { AskContext, AskedImage, Labels } from '../../core/context.ts';
import { matchesImage } from '../image-pattern.ts';
import { listOf, oneLine } from '../text.ts';
import type { Selector } from './binding.ts';
import { matchesName } from './glob.ts';

/** How a selector stands to who asks. */
export interface Fit {
  readonly fits: 'yes' | 'no' | 'unknown';
  /** One sentence. */
  readonly because: string;
}

/** One thing that a selector names. */
interface Test {
  readonly what: string;
  /** As they were written, for a sentence. */
  readonly wanted: string;
  readonly fits: (context: AskContext, image: AskedImage) => boolean;
  readonly found: (context: AskContext, image: AskedImage) => string;
}

/** Labels are looked at last: those of a namespace may be unread, which leaves open only what all else fits. */
type LabelKey = 'namespaceLabels' | 'workloadLabels';

/** A selector made ready to be asked often. */
export interface Matcher extends Pick<Selector, LabelKey> {
  readonly tests: readonly Test[];
}

type Look = (selector: Selector) => Test | null;

/** What each list of a selector looks at; a key of `Selector` that is not here is not compiled. */
const looks: Readonly<Record<Exclude<keyof Selector, LabelKey>, Look>> = {
  gates: lookAt(
    'gate',
    ({ gates }) => gates,
    ({ gate }) => gate,
  ),
  upstreams: lookAt(
    'upstream',
    ({ upstreams }) => upstreams,
    (_context, { upstream }) => upstream,
  ),
  images: lookAt(
    'image',
    ({ images }) => images,
    (_context, { repository }) => repository,
    imageTest,
  ),
  clusters: lookAt(
    'cluster',
    ({ clusters }) => clusters,
    ({ cluster }) => cluster,
  ),
  namespaces: lookAt(
    'namespace',
    ({ namespaces }) => namespaces,
    ({ namespace }) => namespace,
  ),
  serviceAccounts: lookAt(
    'service account',
    ({ serviceAccounts }) => serviceAccounts,
    ({ serviceAccount }) => serviceAccount,
  ),
  users: lookAt(
    'user',
    ({ users }) => users,
    ({ user }) => user,
  ),
  groups: ({ groups: wanted }) => {
    if (wanted === null) return null;
    const fits = anyGroup(anyOf(wanted, nameTest));
    return {
      what: 'group',
      wanted: wantedText(wanted),
      fits,
      found: ({ groups }) => (groups.length === 0 ? 'none' : told(groups.slice(0, 5).join(', '))),
    };
  },
};

function lookAt(
  what: string,
  wantedOf: (selector: Selector) => readonly string[] | null,
  value: (context: AskContext, image: AskedImage) => string | null,
  test: (pattern: string) => NameTest = nameTest,
): Look {
  return (selector) => {
    const wanted = wantedOf(selector);
    if (wanted === null) return null;
    const is = anyOf(wanted, test);
    return {
      what,
      wanted: wantedText(wanted),
      fits: (context, image) => is(value(context, image)),
      found: (context, image) => told(value(context, image)),
    };
  };
}

/** Somebody may be in hundreds of groups and ask for a hundred images: they are looked through once for each asker. */
function anyGroup(is: NameTest): (context: AskContext) => boolean {
  const known = new WeakMap<AskContext, boolean>();
  return (context) => {
    const { groups } = context;
    if (groups.length === 0) return false;
    const before = known.get(context);
    if (before !== undefined) return before;
    const fits = groups.some(is);
    known.set(context, fits);
    return fits;
  };
}

export function matcherOf(selector: Selector): Matcher {
  const { namespaceLabels, workloadLabels } = selector;
  const tests = Object.values(looks)
    .map((look) => look(selector))
    .filter((test) => test !== null);
  return { tests, namespaceLabels, workloadLabels };
}

/** What is not named fits everything; labels of a namespace that could not be read leave open what names them. */
export function fitsOf(matcher: Matcher, context: AskContext, image: AskedImage): Fit['fits'] {
  for (const test of matcher.tests) if (!test.fits(context, image)) return 'no';
  if (missing(matcher.workloadLabels, context.workloadLabels) !== null) return 'no';
  if (matcher.namespaceLabels === null) return 'yes';
  if (context.namespaceLabels === null) return 'unknown';
  return missing(matcher.namespaceLabels, context.namespaceLabels) === null ? 'yes' : 'no';
}

export const unreadLabels = 'it looks at labels of the namespace, which could not be read';

/** The same with its reason. */
export function fitOf(matcher: Matcher, context: AskContext, image: AskedImage): Fit {
  const fits = fitsOf(matcher, context, image);
  if (fits === 'unknown') return { fits, because: unreadLabels };
  const because = fits === 'yes' ? whyItFits : whyNot;
  return { fits, because: because(matcher, context, image) };
}

function whyNot(matcher: Matcher, context: AskContext, image: AskedImage): string {
  const test = matcher.tests.find((one) => !one.fits(context, image));
  if (test !== undefined) return `its ${test.what} is ${test.found(context, image)}, not ${test.wanted}`;
  const workload = missing(matcher.workloadLabels, context.workloadLabels);
  if (workload !== null) return `the workload has no label ${workload}`;
  return `the namespace has no label ${missing(matcher.namespaceLabels, context.namespaceLabels ?? {}) ?? ''}`;
}

function whyItFits(matcher: Matcher, context: AskContext, image: AskedImage): string {
  const parts = matcher.tests.map((test) => `${test.what} ${test.found(context, image)}`);
  if (matcher.namespaceLabels !== null) parts.push('labels of the namespace');
  if (matcher.workloadLabels !== null) parts.push('labels of the workload');
  return parts.length === 0 ? 'it fits everything' : `it fits the ${parts.join(', ')}`;
}

/** The first label that is not there as it has to be; null: all are. */
function missing(wanted: Labels | null, labels: Labels): string | null {
  if (wanted === null) return null;
  for (const [key, value] of Object.entries(wanted)) {
    const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (found === undefined || (value !== '*' && found !== value)) return `${key}: ${value}`;
  }
  return null;
}

function wantedText(wanted: readonly string[]): string {
  if (wanted.length <= 3) return listOf(wanted);
  return `one of ${wanted.slice(0, 3).join(', ')} and ${wanted.length - 3} more`;
}

const plain = /^[\x20-\x7e]{0,200}$/;

function told(value: string | null): string {
  if (value === null) return 'not known';
  return plain.test(value) ? value : oneLine(value, 200);
}

type NameTest = (text: string) => boolean;

/** What is not known (null) fits no pattern, not even `*`. */
function anyOf(
  patterns: readonly string[],
  test: (pattern: string) => NameTest,
): (text: string | null) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const tests = patterns.filter((pattern) => pattern.includes('*')).map(test);
  return (text) => text !== null && (exact.has(text) || tests.some((fits) => fits(text)));
}

function nameTest(pattern: string): NameTest {
  return (text) => matchesName(pattern, text);
}

/** The same as `matchesImage`; the two patterns that everybody writes need no splitting. */
function imageTest(pattern: string): NameTest {
  const star = pattern.indexOf('*');
  const prefix = pattern.slice(0, star);
  if (prefix.endsWith('/') && star === pattern.length - 1) {
    return (name) => name.startsWith(prefix) && name.indexOf('/', prefix.length) < 0;
  }
  if (prefix.endsWith('/') && pattern === `${prefix}**`)
    return (name) => name.startsWith(prefix) || name === prefix.slice(0, -1);
  // Of a prefix that ends a component the slash may be missing: `**` stands for none as well.
  const begin = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  const parts = pattern.split('/');
  const last = parts.at(-1) ?? '';
  if (parts.includes('**')) return (name) => name.startsWith(begin) && matchesImage(pattern, name);
  return (name) => {
    if (!name.startsWith(begin) || !matchesName(last, name.slice(name.lastIndexOf('/') + 1))) return false;
    const components = name.split('/');
    return (
      components.length === parts.length &&
      parts.every((part, index) => matchesName(part, components[index] ?? ''))
    );
  };
}
