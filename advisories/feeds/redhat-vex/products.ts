import { isRpmName, rpmVersion } from '../rpm-packages.ts';
import { type CsafDocument, type CsafProduct, productsOf } from './document.ts';

/** What a product id of a status stands for: a package of a release of RHEL. */
export interface Component {
  /** As in advisories/ecosystems.ts: `Red Hat:enterprise_linux:9::appstream`. */
  readonly ecosystem: string;
  /** `9`. */
  readonly major: string;
  readonly name: string;
  /** `nodejs:18`. */
  readonly module: string | null;
  readonly isSource: boolean;
  /** Null: the product names no version, or none that rpm knows. */
  readonly version: string | null;
}

/** Component, of how many products, of one. */
const deepestRelation = 4;

/** Looks up what the product ids of one document stand for. */
export class Products {
  readonly #products: ReadonlyMap<string, CsafProduct>;
  readonly #relations = new Map<string, { readonly part: string; readonly whole: string }>();

  constructor(document: CsafDocument) {
    this.#products = productsOf(document.product_tree);
    for (const relation of document.product_tree.relationships) {
      this.#relations.set(relation.full_product_name.product_id, {
        part: relation.product_reference,
        whole: relation.relates_to_product_reference,
      });
    }
  }

  /**
   * Null: it is no package of RHEL (a layered product, an image, a whole product). A sentence: it is one, and cannot
   * be read.
   */
  componentOf(id: string): Component | string | null {
    const relation = this.#relations.get(id);
    if (relation === undefined) return null;
    const system = this.#systemOf(relation.whole);
    if (system === null || typeof system === 'string') return system;
    const part = this.#products.get(relation.part);
    if (part === undefined) return `"${relation.part}" is a product that it does not describe`;
    const purl = part.product_identification_helper?.purl;
    const found = purl === undefined ? named(part.name) : described(purl, part);
    return found === null || typeof found === 'string' ? found : { ...found, ...system };
  }

  #systemOf(id: string): Pick<Component, 'ecosystem' | 'major'> | string | null {
    let whole = id;
    for (let depth = 0; depth < deepestRelation; depth++) {
      const further = this.#relations.get(whole);
      if (further === undefined) break;
      whole = further.whole;
    }
    return systemOfCpe(this.#products.get(whole)?.product_identification_helper?.cpe ?? '');
  }
}

/**
 * `cpe:/a:redhat:enterprise_linux:9::appstream` (CPE 2.2): a release with one of its repositories, or without, where
 * nothing was fixed yet. From 10 on the version has the minor release. Longer support of minor releases that were
 * replaced (`rhel_eus`, `rhel_aus`, `rhel_e4s`, `rhel_tus`) is another product: the main line has fixes of its own. That of a major release
 * (`rhel_els`) is not, as there is no other fix any more.
 */
function systemOfCpe(cpe: string): Pick<Component, 'ecosystem' | 'major'> | string | null {
  const [, part, vendor, product, version = '', , repository = ''] = cpe.split(':');
  if ((part !== '/o' && part !== '/a') || vendor !== 'redhat') return null;
  if (product !== 'enterprise_linux' && product !== 'rhel_els') return null;
  const major = /^(\d{1,3})(?:\.\d{1,3})?$/.exec(version)?.[1];
  if (major === undefined || !/^[\w.-]*$/.test(repository))
    return `"${cpe.slice(0, 100)}" names no release of RHEL`;
  const release = `Red Hat:${product}:${major}`;
  return {
    major,
    ecosystem: repository === '' || product === 'rhel_els' ? release : `${release}::${repository}`,
  };
}

type Part = Omit<Component, 'ecosystem' | 'major'>;

/** Older documents name no more than the component: `vim`, `nodejs:16/nodejs`. */
function named(text: string): Part | null {
  const [, module = null, name = ''] = /^(?:([^/\s:]+:[^/\s:]+)\/)?([^/\s:]+)$/.exec(text) ?? [];
  return isRpmName(name) ? { name, module, isSource: false, version: null } : null;
}

/** `pkg:rpm/redhat/ruby@2.7.8-139.module%2Bel8.8.0%2B1?arch=x86_64&epoch=1&rpmmod=ruby:2.7:8080020230427102918:63b34585` */
function described(purl: string, part: CsafProduct): Part | string | null {
  const [, name = '', at = '', query = ''] =
    /^pkg:rpm\/redhat\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?$/.exec(purl) ?? [];
  if (name === '') {
    return purl.startsWith('pkg:rpm/redhat/') ? `"${purl.slice(0, 200)}" names no package of RHEL` : null;
  }
  const words = new URLSearchParams(query);
  const plain = decoded(name);
  // Named like modules, without a stream, and installed in a way of their own.
  if (plain?.endsWith('-flatpak') === true) return null;
  const label = words.get('rpmmod');
  const [module = '', stream = ''] = (label ?? '').split(':');
  if (plain === null || !isRpmName(plain) || (label !== null && (module === '' || stream === ''))) {
    return `"${purl.slice(0, 200)}" names no package of RHEL`;
  }
  const [version = '', release = ''] = splitAtLast(decoded(at) ?? '', '-');
  // The name of the product has the epoch too: `bind-32:9.16.23-1.el9.x86_64`.
  const inName = /^-(\d{1,9}):/.exec(part.name.slice(plain.length))?.[1];
  const epoch = words.get('epoch') ?? (part.name.startsWith(plain) ? inName : undefined) ?? '';
  return {
    name: plain,
    module: label === null ? null : `${module}:${stream}`,
    isSource: words.get('arch') === 'src',
    version: rpmVersion(epoch, version, release),
  };
}

function splitAtLast(text: string, mark: string): readonly string[] {
  const at = text.lastIndexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that begins no byte: the caller says so.
    return null;
  }
}
