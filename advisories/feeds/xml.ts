import { SaxesParser, type SaxesTagPlain } from 'saxes';

/** An element with everything below it. Names are without their namespace's prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** The text directly in it, comments left out. */
  readonly text: string;
}

export interface XmlLimits {
  /** Elements within each other. */
  readonly depth: number;
  /** Elements of one that is given out. */
  readonly elements: number;
  /** Characters of names, attributes and texts of one that is given out. */
  readonly characters: number;
}

/** The largest advisories (kernels) have some ten thousand elements. */
export const xmlLimits: XmlLimits = { depth: 64, elements: 500_000, characters: 64 * 1024 * 1024 };

/** Characters that may come without a tag, a text, or a comment ending. */
const longestToken = 8 * 1024 * 1024;

/**
 * The elements of one name of an XML document, one after the other, without holding the others. Only the entities of
 * XML itself are known; a document that declares a type, which is where entities of its own come from, is refused.
 * @param root what the document's outermost element has to be
 * @throws Error where it is no such document
 */
export async function* readElements(
  pieces: AsyncIterable<Uint8Array>,
  root: string,
  wanted: string,
  limits: XmlLimits = xmlLimits,
): AsyncGenerator<XmlElement> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = new ElementReader(root, wanted, limits);
  for await (const piece of pieces) {
    reader.write(decoder.decode(piece, { stream: true }));
    yield* reader.take();
  }
  reader.write(decoder.decode());
  reader.end();
  yield* reader.take();
}

/** The same for a text that is at hand. */
export function elementsOf(text: string, root: string, wanted: string): readonly XmlElement[] {
  const reader = new ElementReader(root, wanted, xmlLimits);
  reader.write(text);
  reader.end();
  return reader.take();
}

interface Draft {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Draft[];
  text: string;
}

class ElementReader {
  readonly #parser = new SaxesParser();
  readonly #root: string;
  readonly #wanted: string;
  readonly #limits: XmlLimits;
  /** From the wanted element to the innermost that is open. */
  readonly #open: Draft[] = [];
  #done: XmlElement[] = [];
  #depth = 0;
  #elements = 0;
  #characters = 0;
  #sinceEvent = 0;

  constructor(root: string, wanted: string, limits: XmlLimits) {
    this.#root = root;
    this.#wanted = wanted;
    this.#limits = limits;
    const touch = (): void => {
      this.#sinceEvent = 0;
    };
    this.#parser.on('opentag', (tag) => this.#opened(tag));
    this.#parser.on('closetag', () => this.#closed());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('comment', touch);
    this.#parser.on('processinginstruction', touch);
    this.#parser.on('doctype', () => {
      throw new Error('it declares a document type, which is not read here');
    });
  }

  write(text: string): void {
    this.#sinceEvent += text.length;
    this.#parser.write(text);
    if (this.#sinceEvent > longestToken)
      throw new Error(`it has more than ${longestToken} characters without a tag`);
  }

  /** @throws Error where an element is still open */
  end(): void {
    this.#parser.close();
  }

  take(): readonly XmlElement[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #opened(tag: SaxesTagPlain): void {
    this.#sinceEvent = 0;
    const name = localName(tag.name);
    if (this.#depth === 0 && name !== this.#root) {
      throw new Error(`its outermost element is "${name.slice(0, 80)}" and not "${this.#root}"`);
    }
    if (++this.#depth > this.#limits.depth)
      throw new Error(`its elements are nested more than ${this.#limits.depth} deep`);
    const above = this.#open.at(-1);
    if (above === undefined && name !== this.#wanted) return;
    if (++this.#elements > this.#limits.elements) {
      throw new Error(`a "${this.#wanted}" has more than ${this.#limits.elements} elements`);
    }
    this.#count(name);
    const attributes = new Map<string, string>();
    for (const [key, value] of Object.entries(tag.attributes)) {
      this.#count(key);
      this.#count(value);
      attributes.set(localName(key), value);
    }
    const draft: Draft = { name, attributes, children: [], text: '' };
    above?.children.push(draft);
    this.#open.push(draft);
  }

  #closed(): void {
    this.#sinceEvent = 0;
    this.#depth--;
    const ended = this.#open.pop();
    if (ended === undefined || this.#open.length > 0) return;
    this.#done.push(ended);
    this.#elements = 0;
    this.#characters = 0;
  }

  #text(text: string): void {
    this.#sinceEvent = 0;
    const innermost = this.#open.at(-1);
    if (innermost === undefined) return;
    this.#count(text);
    innermost.text += text;
  }

  #count(text: string): void {
    this.#characters += text.length;
    if (this.#characters > this.#limits.characters) {
      throw new Error(`a "${this.#wanted}" has more than ${this.#limits.characters} characters`);
    }
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

export function childrenNamed(owner: XmlElement, name: string): readonly XmlElement[] {
  return owner.children.filter((child) => child.name === name);
}

/** The element that a way of names leads to, the first of each name. */
export function elementAt(owner: XmlElement, ...names: readonly string[]): XmlElement | null {
  let at: XmlElement | undefined = owner;
  for (const name of names) at = at?.children.find((child) => child.name === name);
  return at ?? null;
}

/** Its text on one line; empty where there is no such element. */
export function textAt(owner: XmlElement, ...names: readonly string[]): string {
  return (
    elementAt(owner, ...names)
      ?.text.replaceAll(/\s+/g, ' ')
      .trim() ?? ''
  );
}
