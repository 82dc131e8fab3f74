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

/** A selector made ready to be asked often. */
export interface Matcher {
  readonly tests: readonly Test[];
  readonly namespaceLabels: Labels | null;
  readonly workloadLabels: Labels | null;
}

export function matcherOf(selector: Selector): Matcher {
  const tests: Test[] = [];
  const names = (
    what: string,
    wanted: readonly string[] | null,
    value: (c: AskContext, i: AskedImage) => string | null,
  ) => {
    if (wanted === null) return;
    const is = anyOf(wanted, nameTest);
    tests.push({
      what,
      wanted: wantedText(wanted),
      fits: (context, image) => is(value(context, image)),
      found: (context, image) => told(value(context, image)),
    });
  };
  names('gate', selector.gates, (context) => context.gate);
  names('upstream', selector.upstreams, (_context, image) => image.upstream);
  if (selector.images !== null) {
    const is = anyOf(selector.images, imageTest);
    tests.push({
      what: 'image',
      wanted: wantedText(selector.images),
      fits: (_context, { repository }) => is(repository),
      found: (_context, { repository }) => told(repository),
    });
  }
  names('cluster', selector.clusters, (context) => context.cluster);
  names('namespace', selector.namespaces, (context) => context.namespace);
  names('service account', selector.serviceAccounts, (context) => context.serviceAccount);
  names('user', selector.users, (context) => context.user);
  if (selector.groups !== null) {
    const is = anyOf(selector.groups, nameTest);
    tests.push({
      what: 'group',
      wanted: wantedText(selector.groups),
      fits: ({ groups }) => groups.some(is),
      found: ({ groups }) => (groups.length === 0 ? 'none' : told(groups.slice(0, 5).join(', '))),
    });
  }
  return { tests, namespaceLabels: selector.namespaceLabels, workloadLabels: selector.workloadLabels };
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
