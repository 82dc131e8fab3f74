import { Budget, type Found, fault, overlapping } from './found.ts';

const magic = Buffer.from('RpmP', 'latin1');
const slotMagic = Buffer.from('Slot', 'latin1').readUInt32LE(0);
const headMagic = Buffer.from('BlbS', 'latin1').readUInt32LE(0);
const tailMagic = Buffer.from('BlbE', 'latin1').readUInt32LE(0);

/** Bytes. Slots fill the first pages; the file's header takes the room of the first two. */
const slotSize = 16;
const fileHeader = 32;
const pageSize = 4096;
/** Packages lie at multiples of it. */
const blockSize = 16;
const headSize = 16;
const tailSize = 12;

export function isNdb(file: Buffer): boolean {
  return file.subarray(0, magic.length).equals(magic);
}

/** The headers in rpm's own "ndb" format: slots that say where packages lie, numbers in little-endian order. */
export function* readNdb(file: Buffer): Generator<Found> {
  if (file.length < pageSize) {
    yield fault('it is too short to be an ndb database');
    return;
  }
  const version = file.readUInt32LE(4);
  if (version !== 0) {
    yield fault(`it is of ndb version ${version}, which is not known here`);
    return;
  }
  const stated = file.readUInt32LE(12) * pageSize;
  const end = Math.min(stated, file.length - (file.length % slotSize));
  if (end < stated) yield fault('it is cut: not all pages that list its packages are there');
  const budget = new Budget(file.length);
  const taken = new Set<number>();
  for (let at = fileHeader; at < end; at += slotSize) {
    if (file.readUInt32LE(at) !== slotMagic) {
      yield fault(`there is no slot at ${at}, where one belongs`);
      continue;
    }
    const block = file.readUInt32LE(at + 8);
    if (block === 0) continue;
    if (taken.has(block)) {
      yield fault(`package ${file.readUInt32LE(at + 4)} lies where another one does`);
      continue;
    }
    taken.add(block);
    const found = packageAt(file, block * blockSize, file.readUInt32LE(at + 4), file.readUInt32LE(at + 12));
    yield found;
    if ('header' in found && !budget.spend(found.header.length)) {
      yield fault(overlapping);
      return;
    }
  }
}

/** A package's head, header and tail, checked against each other and the slot. `blocks`: its size. */
function packageAt(file: Buffer, start: number, index: number, blocks: number): Found {
  const end = start + blocks * blockSize;
  if (end > file.length) return fault(`package ${index} lies beyond the end of the file`);
  if (blocks * blockSize < headSize + tailSize) return fault(`package ${index} has no room for anything`);
  const size = file.readUInt32LE(start + 12);
  const isWhole =
    file.readUInt32LE(start) === headMagic &&
    file.readUInt32LE(start + 4) === index &&
    file.readUInt32LE(end - 8) === size &&
    file.readUInt32LE(end - 4) === tailMagic &&
    Math.ceil((headSize + size + tailSize) / blockSize) === blocks;
  if (!isWhole) return fault(`package ${index} is damaged`);
  return { header: file.subarray(start + headSize, start + headSize + size) };
}
