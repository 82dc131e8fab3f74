import { BerkeleyPages, metaSize } from './berkeley-pages.ts';
import { Budget, type Found, fault, overlapping } from './found.ts';

/** Access method "hash", in either byte order, at this place of the first page. */
const hashMagic = 0x00061561;
const magicAt = 12;

export function isBerkeleyHash(file: Buffer): boolean {
  if (file.length < metaSize) return false;
  return file.readUInt32LE(magicAt) === hashMagic || file.readUInt32BE(magicAt) === hashMagic;
}

/** Page types. Free pages have type 0. */
const free = 0;
const overflow = 7;
const hashPages: ReadonlySet<number> = new Set([2, 13]);
/** Item types: bytes in the page, or the number of the page where they begin. */
const inPage = 1;
const offPage = 3;

/**
 * The headers in a hash of Berkeley DB, from package number to header. Every page is looked at rather than the
 * buckets followed: what is damaged then hides nothing but itself.
 */
export function* readBerkeleyHash(file: Buffer): Generator<Found> {
  const pages = BerkeleyPages.of(file, file.readUInt32LE(magicAt) === hashMagic);
  if (typeof pages === 'string') {
    yield fault(pages);
    return;
  }
  if (pages.stated > pages.count) {
    yield fault(`it is cut: it has ${pages.count} pages of the ${pages.stated} that are said to be in it`);
  }
  const budget = new Budget(file.length);
  for (let page = 1; page < pages.count; page++) {
    const { type, number } = pages.head(page);
    if (type === free || type === overflow) continue;
    if (!hashPages.has(type) || number !== page) {
      yield fault(`page ${page} is none of a hash (type ${type}, number ${number})`);
      continue;
    }
    for (const found of headersOf(pages, page)) {
      yield found;
      if ('header' in found && !budget.spend(found.header.length)) {
        yield fault(overlapping);
        return;
      }
    }
  }
  const lost = pages.unusedOfType(overflow);
  if (lost > 0) yield fault(`${lost} of its pages hold parts of packages that nothing refers to`);
}

/** Items of a hash page stand in pairs: the package's number, and its header. */
function* headersOf(pages: BerkeleyPages, page: number): Generator<Found> {
  const items = pages.items(page);
  if (typeof items === 'string') {
    yield fault(items);
    return;
  }
  for (let i = 0; i + 1 < items.length; i += 2) {
    const [key, value] = [items[i], items[i + 1]];
    if (key === undefined || value === undefined) continue;
    if (key[0] !== inPage || key.length !== 5) {
      yield fault(`page ${page} has a key that is no package number`);
      continue;
    }
    // Number 0 is not a package: the highest number in use is kept there.
    if (key.readUInt32LE(1) === 0) continue;
    if (value[0] === inPage) yield { header: value.subarray(1) };
    else if (value[0] === offPage && value.length >= 12) yield pages.chain(page, value);
    else yield fault(`page ${page} has a package of unknown form`);
  }
  if (items.length % 2 !== 0) yield fault(`page ${page} has a number without a package`);
}
