import { LRUCache } from 'lru-cache';
import type { AskContext, AskedImage, Labels } from '../../core/context.ts';
import type { Bound, Considered, PolicySet, Selection, Selector } from './binding.ts';
import { type Selected, searchOf, selectorsOf } from './select.ts';

const mostSelections = 10_000;
/** UTF-16 units. Whoever makes names longer than that waits for the search each time, and takes no memory. */
const longestKey = 2000;

/**
 * The search of a set, which remembers what it found before. Only what the set looks at tells two askers apart; why
 * something was passed over is found when somebody asks.
 */
export function rememberedSelector(set: PolicySet): (context: AskContext, image: AskedImage) => Selection {
  const { select, consider } = searchOf(set);
  const known = new LRUCache<string, Selected>({ max: mostSelections });
  const keyOf = keyer(set);
  const remembered = (context: AskContext, image: AskedImage): Selected => {
    const key = keyOf(context, image);
    if (key.length > longestKey) return select(context, image);
    const before = known.get(key);
    if (before !== undefined) return before;
    const selected = select(context, image);
    known.set(key, selected);
    return selected;
  };
  return (context, image) => {
    const selected = remembered(context, image);
    switch (selected.kind) {
      case 'refused':
      case 'passed':
        return selected;
      case 'bound':
        return new RememberedBounds(selected.bounds, () => consider(context, image));
      case 'undecided':
        return {
          kind: 'undecided',
          reason: selected.reason,
          get considered() {
            return consider(context, image);
          },
        };
    }
  };
}

/** A class: to define the getter anew for each selection takes longer than the rest of it. */
class RememberedBounds implements Extract<Selection, { readonly kind: 'bound' }> {
  readonly kind = 'bound';
  readonly bounds: readonly Bound[];
  readonly #consider: () => readonly Considered[];

  constructor(bounds: readonly Bound[], consider: () => readonly Considered[]) {
    this.bounds = bounds;
    this.#consider = consider;
  }

  get considered(): readonly Considered[] {
    return this.#consider();
  }
}

/** What of a selector looks at the image; all else looks at who asks. */
type ImageKey = 'upstreams' | 'images';
type Keyer = (context: AskContext, image: AskedImage) => string;

function keyer(set: PolicySet): Keyer {
  const selectors = selectorsOf(set);
  const ofNamespace = labelPart(selectors.map(({ namespaceLabels }) => namespaceLabels));
  const ofWorkload = labelPart(selectors.map(({ workloadLabels }) => workloadLabels));
  // One for each key of a selector: without its part, askers that it tells apart would be answered alike.
  const ofImage: Readonly<Record<ImageKey, (image: AskedImage) => unknown>> = {
    upstreams: ({ upstream }) => upstream,
    images: ({ repository }) => repository,
  };
  const ofContext: Readonly<Record<Exclude<keyof Selector, ImageKey>, (context: AskContext) => unknown>> = {
    gates: ({ gate }) => gate,
    clusters: ({ cluster }) => cluster,
    namespaces: ({ namespace }) => namespace,
    serviceAccounts: ({ serviceAccount }) => serviceAccount,
    users: ({ user }) => user,
    groups: ({ groups }) => groups,
    namespaceLabels: ({ namespaceLabels }) => namespaceLabels && ofNamespace(namespaceLabels),
    workloadLabels: ({ workloadLabels }) => ofWorkload(workloadLabels),
  };
  const named = new Set(selectors.flatMap((selector) => keysNamed(selector)));
  const lookedContext = lookedAt(ofContext, named);
  const lookedImage = lookedAt(ofImage, named);
  // One asker asks for many images, and may have hundreds of groups.
  const askers = new WeakMap<AskContext, string>();
  const askerKey = (context: AskContext): string => {
    const before = askers.get(context);
    if (before !== undefined) return before;
    const key = JSON.stringify(lookedContext.map((part) => part(context)));
    askers.set(context, key);
    return key;
  };
  return (context, image) => {
    const asker = askerKey(context);
    // Too long already: it is not remembered, so the rest of it is not needed.
    return asker.length > longestKey ? asker : asker + JSON.stringify(lookedImage.map((part) => part(image)));
  };
}

function lookedAt<Part>(parts: Readonly<Record<string, Part>>, named: ReadonlySet<string>): readonly Part[] {
  return Object.entries(parts).flatMap(([key, part]) => (named.has(key) ? [part] : []));
}

function keysNamed(selector: Selector): readonly string[] {
  return Object.entries(selector).flatMap(([key, wanted]: [string, unknown]) =>
    wanted === null ? [] : [key],
  );
}

/** Of labels only those keys are told that a selector names, and of their values whether one is meant: few keys, however many labels. */
function labelPart(wanted: readonly (Labels | null)[]): (labels: Labels) => readonly (string | number)[] {
  const values = new Map<string, Set<string>>();
  for (const labels of wanted) {
    for (const [key, value] of Object.entries(labels ?? {})) {
      values.set(key, (values.get(key) ?? new Set()).add(value));
    }
  }
  const keys = [...values];
  return (labels) =>
    keys.map(([key, meant]) => {
      const found = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (found === undefined) return 0;
      return meant.has(found) ? found : 1;
    });
}
