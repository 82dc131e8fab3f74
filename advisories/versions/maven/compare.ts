import { compareDigits, longestVersion } from '../scheme.ts';

/** A word, digits, or a list of what follows a dash or a change between digits and letters. */
type Item = Digits | Word | List;
interface Digits {
  readonly kind: 'digits';
  readonly text: string;
}
interface Word {
  readonly kind: 'word';
  readonly text: string;
}
interface List {
  readonly kind: 'list';
  readonly items: Item[];
}

/** `${revision}` and what could be no file's name is no version (Maven's model validation); nor is what has no digit. */
const allowed = /^[!-~]*[0-9][!-~]*$/;
const forbidden = /[\\/:"<>|?*[\](){},$@]/;

/** Other words for the release itself, and for a candidate (Version Order Specification). */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
]);
/** Only where digits follow at once. */
const abbreviations: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);
/** Oldest first; the empty word is the release. Any other word is newer than all of these. */
const knownWords = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const release = knownWords.indexOf('');

function wordOf(text: string, digitsFollow: boolean): Word {
  const whole = digitsFollow ? (abbreviations.get(text) ?? text) : text;
  return { kind: 'word', text: synonyms.get(whole) ?? whole };
}

function digitsOf(text: string): Digits {
  return { kind: 'digits', text: text.replace(/^0+/, '') };
}

/** Builds the nested lists of one version. */
class Builder {
  readonly root: List = { kind: 'list', items: [] };
  readonly #open: List[] = [this.root];
  #last: List = this.root;

  add(item: Item): void {
    this.#last.items.push(item);
  }

  /** What follows belongs to a list of its own. */
  nest(): void {
    const list: List = { kind: 'list', items: [] };
    this.#last.items.push(list);
    this.#last = list;
    this.#open.push(list);
  }

  /** A qualifier after a dot is taken as if a dash stood there. */
  nestUnlessFirst(): void {
    if (this.#last.items.length > 0) this.nest();
  }

  /**
   * Takes away what means nothing at the end of each list and before a list in it, the innermost first: `1.0.0-0` is
   * `1`, `1.0-x` is `1-x`. What a list begins with stays while something follows, so that there are no circles.
   */
  finish(): List {
    for (const { items } of this.#open.reverse()) {
      for (let i = items.length - 1; i > 0; i--) {
        const item = items[i];
        if (item !== undefined && isEmpty(item)) items.splice(i, 1);
        else if (item?.kind !== 'list') break;
      }
      const [only] = items;
      if (items.length === 1 && only !== undefined && isEmpty(only)) items.pop();
    }
    return this.root;
  }
}

function isEmpty(item: Item): boolean {
  return item.kind === 'list' ? item.items.length === 0 : item.text === '';
}

/** Runs of digits, runs of anything else, and the separators between. */
const tokens = /[0-9]+|[^0-9.-]+|[.-]/g;
const isDigits = /^[0-9]/;

function parse(text: string): List | null {
  if (text.length > longestVersion || !allowed.test(text) || forbidden.test(text)) return null;
  const parts = text.toLowerCase().match(tokens) ?? [];
  const builder = new Builder();
  parts.forEach((part, at) => {
    const previous = parts[at - 1] ?? '.';
    const next = parts[at + 1] ?? '';
    const afterSeparator = previous === '.' || previous === '-';
    if (part === '.' || part === '-') {
      // Nothing between two separators is zero.
      if (afterSeparator) builder.add(digitsOf(''));
      if (part === '-') builder.nest();
    } else if (isDigits.test(part)) {
      if (!afterSeparator) builder.nest();
      builder.add(digitsOf(part));
    } else {
      if (!afterSeparator) builder.nest();
      else builder.nestUnlessFirst();
      builder.add(wordOf(part, isDigits.test(next)));
    }
  });
  return builder.finish();
}

/** Where a word stands among all words; those that are not known follow by alphabet. */
function compareWords(a: string, b: string): number {
  const left = knownWords.indexOf(a);
  const right = knownWords.indexOf(b);
  if (left >= 0 && right >= 0) return left - right;
  if (left >= 0 || right >= 0) return left >= 0 ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where the other version has nothing more. */
function compareWithNothing(item: Item): number {
  switch (item.kind) {
    case 'digits':
      return item.text === '' ? 0 : 1;
    case 'word':
      return compareWords(item.text, knownWords[release] ?? '');
    case 'list':
      // A zero that was not trimmed has something behind it, and any number is newer than no qualifier.
      if (item.items[0]?.kind === 'digits') return 1;
      for (const inner of item.items) {
        const order = compareWithNothing(inner);
        if (order !== 0) return order;
      }
      return 0;
  }
}

/** A word is older than what follows a dash, and that is older than a number. */
const rank = { word: 0, list: 1, digits: 2 } as const;

function compareItems(a: Item, b: Item): number {
  if (a.kind === 'digits' && b.kind === 'digits') return compareDigits(a.text, b.text);
  if (a.kind === 'word' && b.kind === 'word') return compareWords(a.text, b.text);
  if (a.kind === 'list' && b.kind === 'list') return compareLists(a, b);
  return rank[a.kind] - rank[b.kind];
}

function compareLists(a: List, b: List): number {
  const length = Math.max(a.items.length, b.items.length);
  for (let i = 0; i < length; i++) {
    const left = a.items[i];
    const right = b.items[i];
    let order = 0;
    if (left !== undefined && right !== undefined) order = compareItems(left, right);
    else if (left !== undefined) order = compareWithNothing(left);
    else if (right !== undefined) order = 0 - compareWithNothing(right);
    if (order !== 0) return order;
  }
  return 0;
}

export function compareMavenVersions(a: string, b: string): number | null {
  const left = parse(a);
  const right = parse(b);
  return left === null || right === null ? null : compareLists(left, right);
}
