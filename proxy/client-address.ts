import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Characters of `X-Forwarded-For` that are looked at, from its end. */
const longestHeader = 2048;

/** `10.0.0.0/8`, `fd00::/8`, or one address; null for anything else. */
export function parseNetwork(
  text: string,
): { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' } | null {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return null;
  const most = version === 4 ? 32 : 128;
  if (length !== undefined && !/^(?:0|[1-9][0-9]{0,2})$/.test(length)) return null;
  const prefix = length === undefined ? most : Number(length);
  if (prefix > most) return null;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Where requests come from. */
export interface ClientAddresses {
  /** The address of who asks: the connection's, or what trusted proxies say of theirs. */
  of(request: IncomingMessage): string;
  isTrusted(address: string): boolean;
}

/**
 * `X-Forwarded-For` is read from its end, as far as those who wrote it are trusted: what stands before that was written by
 * whoever liked to.
 * @param trusted texts that `parseNetwork` takes; others are no proxy
 */
export function createClientAddresses(trusted: readonly string[]): ClientAddresses {
  const proxies = new BlockList();
  for (const text of trusted) {
    const network = parseNetwork(text);
    if (network !== null) proxies.addSubnet(network.address, network.prefix, network.family);
  }
  const isTrusted = (address: string): boolean => {
    const version = isIP(address);
    return version !== 0 && proxies.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
  return {
    isTrusted,
    of(request) {
      let address = plain(request.socket.remoteAddress ?? '');
      const header = request.headers['x-forwarded-for'];
      if (trusted.length === 0 || header === undefined) return address;
      const told = String(header).slice(-longestHeader).split(',').reverse();
      for (const text of told) {
        if (!isTrusted(address)) return address;
        const next = plain(text.trim());
        // Whatever that is, nobody is known by it: the proxy counts as the one who asks.
        if (isIP(next) === 0) return address;
        address = next;
      }
      return address;
    },
  };
}

/** An IPv4 address is one, however the socket or a proxy writes it. */
function plain(address: string): string {
  return address.toLowerCase().replace(/^::ffff:(?=[0-9]+\.)/, '');
}
