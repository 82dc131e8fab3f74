import { BlockList, isIP } from 'node:net';

/** How far away an address is. */
export type AddressClass = 'public' | 'private' | 'loopback' | 'link-local';

const networks: readonly (readonly [Exclude<AddressClass, 'public'>, string, number])[] = [
  ['loopback', '127.0.0.0', 8],
  ['loopback', '::1', 128],
  // "This host" (RFC 1122, 3.2.1.3): connecting to it reaches this machine.
  ['loopback', '0.0.0.0', 8],
  ['loopback', '::', 128],
  // Services that tell a machine its secrets answer here.
  ['link-local', '169.254.0.0', 16],
  ['link-local', 'fe80::', 10],
  ['private', '10.0.0.0', 8],
  ['private', '172.16.0.0', 12],
  ['private', '192.168.0.0', 16],
  // Shared address space (RFC 6598).
  ['private', '100.64.0.0', 10],
  ['private', 'fc00::', 7],
  ['private', 'fec0::', 10],
];

const lists = new Map<AddressClass, BlockList>();
for (const [kind, network, bits] of networks) {
  const list = lists.get(kind) ?? new BlockList();
  list.addSubnet(network, bits, network.includes(':') ? 'ipv6' : 'ipv4');
  lists.set(kind, list);
}

/** @param address IPv4 or IPv6, in any spelling; one within IPv6 (`::ffff:10.0.0.1`, `64:ff9b::`) counts as that one */
export function classOfAddress(address: string): AddressClass {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0) throw new Error(`"${address}" is no address`);
  const inner = family === 6 ? embedded(bare) : null;
  if (inner !== null) return classOfAddress(inner);
  for (const [kind, list] of lists) if (list.check(bare, family === 6 ? 'ipv6' : 'ipv4')) return kind;
  return 'public';
}

/** The IPv4 address in a mapped, translated (RFC 6052) or 6to4 (RFC 3056) one; null: there is none. */
function embedded(address: string): string | null {
  const groups = groupsOf(address);
  const at = (index: number): number => groups[index] ?? 0;
  const dotted = (high: number, low: number): string =>
    [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const leading = groups.slice(0, 5).every((group) => group === 0);
  if (leading && at(5) === 0xffff) return dotted(at(6), at(7));
  if (at(0) === 0x64 && at(1) === 0xff9b) return dotted(at(6), at(7));
  if (at(0) === 0x2002) return dotted(at(1), at(2));
  return null;
}

/** The eight numbers of an IPv6 address; Node's URL writes any spelling in the one form. */
function groupsOf(address: string): readonly number[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const numbers = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const front = numbers(head);
  const back = tail === undefined ? [] : numbers(tail);
  return [...front, ...new Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
}

/**
 * Whether something at an address may send us to another one: nobody to what is nearer to this machine than himself, and
 * nobody to where machines are told their secrets.
 */
export function mayLeadTo(from: AddressClass, to: AddressClass): boolean {
  switch (to) {
    case 'public':
      return true;
    case 'private':
      return from !== 'public';
    case 'loopback':
    case 'link-local':
      return from === to;
  }
}
