import { BlockList, isIP } from 'node:net';

/** Which HTTP proxies requests go through. Plain data: it crosses into threads. */
export interface ProxySettings {
  /** For `http://` addresses; null: none. */
  readonly http: string | null;
  /** For `https://` addresses; null: none. */
  readonly https: string | null;
  /** What is reached without: see `isExcepted`. */
  readonly except: readonly string[];
  /** Whether this machine's own addresses go through it as well: only where an operator has named the proxy for them. */
  readonly loopback: boolean;
}

export const noProxies: ProxySettings = { http: null, https: null, except: [], loopback: false };

/**
 * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` as curl and Go read them; in lower case they come first.
 * @throws Error naming the variable that holds no address
 */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const value = (name: string): string => (env[name.toLowerCase()] ?? env[name] ?? '').trim();
  const address = (name: string): string | null => {
    const text = value(name);
    if (text === '') return null;
    const proxy = proxyAddress(text);
    // What it holds may be a password.
    if (proxy === null) throw new Error(`${name} is not an http:// or https:// address of a proxy`);
    return proxy;
  };
  const except = value('NO_PROXY')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => entry.toLowerCase());
  return { http: address('HTTP_PROXY'), https: address('HTTPS_PROXY'), except, loopback: false };
}

/** One proxy for everything that is asked through it. */
export function onlyProxy(address: string): ProxySettings {
  return { http: address, https: address, except: [], loopback: true };
}

/** `http://host:3128`, or without the scheme; null: no address of a proxy. */
export function proxyAddress(text: string): string | null {
  const whole = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(whole)) return null;
  const { protocol, hostname, pathname, search } = new URL(whole);
  const isOne =
    (protocol === 'http:' || protocol === 'https:') && hostname !== '' && pathname === '/' && search === '';
  return isOne ? whole : null;
}

/** The proxy to ask for an address; null: it is asked directly. */
export function proxyFor(url: URL, settings: ProxySettings): URL | null {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === null) return null;
  if (!settings.loopback && isLoopbackName(url.hostname)) return null;
  return isExcepted(url, settings.except) ? null : new URL(proxy);
}

/**
 * Entries are `*`, a host (which stands for all below it too, with or without a point before it), an address, a network
 * (`10.0.0.0/8`), each perhaps with a port.
 */
function isExcepted(url: URL, except: readonly string[]): boolean {
  const host = bareHost(url.hostname);
  const port = String(portOf(url));
  return except.some((entry) => {
    if (entry === '*') return true;
    if (entry.includes('/')) return isInNetwork(host, entry);
    const [, name = entry, wantedPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    if (wantedPort !== undefined && wantedPort !== port) return false;
    const wanted = bareHost(name.replace(/^\*?\./, ''));
    if (wanted === '') return false;
    return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
  });
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(host);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}

function isLoopbackName(hostname: string): boolean {
  const host = bareHost(hostname);
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/** The port of an address, whether it says it or not. */
export function portOf({ protocol, port }: { readonly protocol: string; readonly port: string }): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** A host as it is looked up: an IPv6 address without its brackets. */
export function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[|\]$/g, '');
}
