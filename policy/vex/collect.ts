import { type VexJustification, type VexStatus, vexJustifications, vexStatuses } from '../../core/vex.ts';
import { oneLine } from '../text.ts';
import { parseInstant } from '../time.ts';
import { identified, isImage, productOf } from './product.ts';
import type { Purl } from './purl.ts';
import {
  type VexDocument,
  type VexImage,
  type VexProduct,
  type VexStatement,
  vexLimits,
} from './statement.ts';

/** Why a document cannot be read as a whole, a sentence's end. */
export class VexFault extends Error {
  override readonly name = 'VexFault';
}

/** A product as a document names it: identifiers of the whole, and of each part that is meant. */
export interface SaidProduct {
  readonly shown: string;
  readonly ids: readonly string[];
  /** null: the whole. */
  readonly parts: readonly (readonly string[])[] | null;
}

/** A statement as a document says it, before it is known whether it says anything here. */
export interface SaidStatement {
  readonly vulnerability: readonly string[];
  readonly products: readonly SaidProduct[];
  readonly status: string;
  readonly justification: string | null;
  readonly impact: string | null;
  readonly timestamp: string | null;
}

/** Makes statements of what a document says, within the bounds, and keeps what was refused. */
export class Collector {
  readonly #document: Pick<VexDocument, 'source' | 'format' | 'id' | 'author'>;
  readonly #statements: VexStatement[] = [];
  readonly #refused: string[] = [];
  #more = 0;
  #said = 0;
  #products = 0;

  constructor(document: Pick<VexDocument, 'source' | 'format' | 'id' | 'author'>) {
    this.#document = document;
  }

  /** @throws VexFault where there is more than the bounds allow */
  add(where: string, said: SaidStatement): void {
    this.#said += 1;
    if (this.#said > vexLimits.statements)
      throw new VexFault(`it has more than ${vexLimits.statements} statements`);
    const statement = this.#statementOf(where, said);
    if (typeof statement === 'string') this.refuse(where, statement);
    else this.#statements.push(statement);
  }

  refuse(where: string, why: string): void {
    if (this.#refused.length < vexLimits.refused) this.#refused.push(oneLine(`${where}: ${why}`, 400));
    else this.#more += 1;
  }

  finished(): VexDocument {
    const more = this.#more === 0 ? [] : [`and ${this.#more} more`];
    return { ...this.#document, statements: this.#statements, refused: [...this.#refused, ...more] };
  }

  /** Or why it says nothing here. */
  #statementOf(where: string, said: SaidStatement): VexStatement | string {
    const { status, justification, impact } = said;
    const vulnerability = namesOf(said.vulnerability);
    if (vulnerability.length === 0) return 'it names no vulnerability';
    if (vulnerability.length > vexLimits.names) return `it has more than ${vexLimits.names} names`;
    if (!isStatus(status)) return `the status "${status}" is none of ${vexStatuses.join(', ')}`;
    const timestamp = said.timestamp === null ? null : parseInstant(said.timestamp);
    if (timestamp === null) return 'it does not say when it was made';
    if (justification !== null && !isJustification(justification)) {
      return `the justification "${justification}" is none of ${vexJustifications.join(', ')}`;
    }
    const words = impact === null || impact.trim() === '' ? null : oneLine(impact.trim(), vexLimits.text);
    // OpenVEX 0.2.0, "Statement Fields": not_affected has to say why.
    if (status === 'not_affected' && justification === null && words === null) {
      return 'not_affected with neither a justification nor an impact statement';
    }
    const products = this.#productsOf(where, said.products);
    if (products.length === 0) return 'it names no product that can be told here';
    const { id: document, author, source } = this.#document;
    const why = { justification, impact: words };
    return { vulnerability, products, status, ...why, timestamp, author, document, source };
  }

  #productsOf(where: string, said: readonly SaidProduct[]): readonly VexProduct[] {
    return said.flatMap((one) => {
      this.#products += 1 + (one.parts?.length ?? 0);
      if (this.#products > vexLimits.products) {
        throw new VexFault(`it names more than ${vexLimits.products} products`);
      }
      const found = productsOf(one);
      if (found.length === 0)
        this.refuse(where, `the product "${one.shown}" cannot be told to be a package or an image`);
      return found;
    });
  }
}

/** What a product can be told to be: each of its identifiers by itself names it. */
function productsOf({ ids, parts }: SaidProduct): readonly VexProduct[] {
  const packages =
    parts === null
      ? null
      : parts.flatMap((ofPart) =>
          ofPart.flatMap((id): readonly Purl[] => {
            const thing = identified(id);
            return thing === null || isImage(thing) ? [] : [thing];
          }),
        );
  return narrowest(ids.flatMap((id) => identified(id) ?? [])).flatMap(
    (whole) => productOf(whole, packages) ?? [],
  );
}

/** Identifiers of one product all name the same: where one names it closer, the others are no wider word on it. */
function narrowest(things: readonly (VexImage | Purl)[]): readonly (VexImage | Purl)[] {
  const digests = things.filter((thing) => 'digest' in thing);
  if (digests.length > 0) return digests;
  const versions = things.filter((thing) => !isImage(thing) && thing.version !== null);
  return versions.length > 0 ? versions : things;
}

function namesOf(vulnerability: readonly string[]): readonly string[] {
  const names = vulnerability.map((name) => name.trim().toUpperCase());
  return [...new Set(names.filter((name) => name !== '' && name.length <= 200))];
}

function isStatus(text: string): text is VexStatus {
  return vexStatuses.some((status) => status === text);
}

function isJustification(text: string): text is VexJustification {
  return vexJustifications.some((justification) => justification === text);
}
