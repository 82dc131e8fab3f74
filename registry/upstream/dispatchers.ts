import { lookup as lookupName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { bareHost, noProxies, type ProxySettings, proxyFor } from '../../core/http-proxy.ts';
import { throughProxies } from '../../core/tunnel.ts';
import { type AddressClass, classOfAddress, mayLeadTo } from './address-class.ts';
import type { UpstreamConfig, UpstreamTimeouts } from './config.ts';
import { type Asked, misbehaved, shownUrl } from './failures.ts';

/** Connections for one upstream: to itself, and to where it leads. */
export interface Dispatchers {
  for(url: URL): Dispatcher;
  /**
   * Before a redirect is followed or a realm asked.
   * @throws PratiqueError `upstream-misbehaved` where the address is one that this upstream may not lead to
   */
  check(url: URL, asked: Asked): void;
  /** The failure to name where a connection was refused for the address that its name has. */
  refusal(error: unknown, asked: Asked): Error | null;
  close(): Promise<void>;
}

/** How names and addresses are seen; tests see them otherwise. */
export interface AddressBook {
  readonly lookup: LookupFunction;
  readonly classOf: (address: string) => AddressClass;
}

const systemAddresses: AddressBook = { lookup: lookupName as LookupFunction, classOf: classOfAddress };

/** Connections per host; the rest of the requests wait for one. */
const connections = 32;

class NearerAddress extends Error {
  readonly code = 'ERR_NEARER_ADDRESS';
}

export function createDispatchers(
  config: UpstreamConfig,
  timeouts: UpstreamTimeouts,
  addresses: AddressBook = systemAddresses,
): Dispatchers {
  const { proxies = noProxies } = config;
  const base = new URL(config.url);
  const excepted = new Set(config.privateHosts ?? []);
  // Behind a proxy nobody knows how near it is: then it counts as far.
  let own: AddressClass = classOfHost(base, addresses, proxies) ?? 'public';
  const isOwn = (url: URL): boolean => url.host === base.host;

  /** Sees to the addresses of a name at the very moment of connecting, so that no later answer of the DNS is another. */
  const lookup: LookupFunction = (name, options, done) =>
    addresses.lookup(name, options, (error, found, family) => {
      if (error !== null) {
        done(error, found, family);
        return;
      }
      const classes = (typeof found === 'string' ? [found] : found.map(({ address }) => address)).map(
        (address) => ({ address, is: addresses.classOf(address) }),
      );
      if (name === base.hostname) {
        own = classes.find(({ is }) => is === 'public')?.is ?? classes[0]?.is ?? own;
        done(null, found, family);
        return;
      }
      const nearer = classes.find(({ is }) => !mayLeadTo(own, is));
      if (nearer === undefined) done(null, found, family);
      else done(new NearerAddress(`${nearer.address}, a ${nearer.is} address`), found, family);
    });

  const agentOf = (tls: buildConnector.BuildOptions, guarded: boolean): Agent => {
    const direct = buildConnector({ ...tls, timeout: timeouts.connect, ...(guarded ? { lookup } : {}) });
    return new Agent({
      connections,
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.idle,
      maxHeaderSize: 64 * 1024,
      connect: throughProxies(direct, proxies, timeouts.connect),
    });
  };
  const trusted = config.ca === undefined ? {} : { ca: [...rootCertificates, config.ca] };
  const toOwn = agentOf({ ...trusted, ...config.clientCertificate }, true);
  // A certificate is a credential: nobody but the upstream itself sees it.
  const toOthers = agentOf(trusted, true);
  const toExcepted = agentOf(trusted, false);

  return {
    for: (url) => (isOwn(url) ? toOwn : excepted.has(url.host) ? toExcepted : toOthers),
    check(url, asked) {
      if (isOwn(url) || excepted.has(url.host)) return;
      const is = classOfHost(url, addresses, proxies);
      if (is !== null && !mayLeadTo(own, is)) throw leads(asked, url, `a ${is} address`);
    },
    refusal: (error, asked) =>
      error instanceof NearerAddress
        ? leads(asked, asked.url, `whose name stands for ${error.message}`)
        : null,
    close: async () => {
      await Promise.all([toOwn, toOthers, toExcepted].map((agent) => agent.destroy()));
    },
  };
}

function leads({ upstream }: Asked, to: URL, what: string): Error {
  return misbehaved(
    { upstream, url: to },
    `is where it leads to, ${what}, and not where it is itself; where that is meant name ${to.host} in its privateHosts (${shownUrl(to)})`,
  );
}

/** What a host is by its name alone; null: that has to be looked up. */
function classOfHost(url: URL, { classOf }: AddressBook, proxies: ProxySettings): AddressClass | null {
  const host = bareHost(url.hostname);
  if (isIP(host) !== 0) return classOf(host);
  if (host !== 'localhost' && !host.endsWith('.localhost')) return null;
  // A proxy looks it up by itself, and what it then reaches is this machine or its own.
  return proxyFor(url, proxies) === null ? null : 'loopback';
}
