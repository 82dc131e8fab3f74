import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

/**
 * Jest setup: no test reaches beyond this machine. An attempt throws where it is made, so that the test
 * which tried is the one that fails, with the host's name in its message.
 */
const patched = Symbol.for('pratique.loopback-only');

function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1' || name === '') return true;
  return net.isIPv4(name) && (name.startsWith('127.') || name === '0.0.0.0');
}

function refuse(host: string): never {
  throw new Error(
    `a test tried to reach "${host}": tests may talk to loopback addresses only; start a server of your own`,
  );
}

/** `connect` takes (options), (port, host), (path), or the array that Node's own normalising makes of these. */
function hostOf(args: readonly unknown[]): string | null {
  const first: unknown = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    if ('path' in first && typeof first.path === 'string') return null;
    return 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
  }
  if (typeof first === 'string' && Number.isNaN(Number(first))) return null;
  return typeof args[1] === 'string' ? args[1] : 'localhost';
}

function guard(owner: object, method: string, host: (args: readonly unknown[]) => string | null): void {
  const original: unknown = Reflect.get(owner, method);
  if (typeof original !== 'function') throw new Error(`there is no ${method} to guard`);
  Reflect.set(owner, method, function (this: unknown, ...args: unknown[]): unknown {
    const asked = host(args);
    if (asked !== null && !isLoopback(asked)) refuse(asked);
    return Reflect.apply(original, this, args) as unknown;
  });
}

if (Reflect.get(net.Socket.prototype, patched) !== true) {
  Reflect.set(net.Socket.prototype, patched, true);
  guard(net.Socket.prototype, 'connect', hostOf);
  const name = (args: readonly unknown[]): string => String(args[0]);
  for (const owner of [dns, dns.promises]) {
    for (const method of ['lookup', 'resolve', 'resolve4', 'resolve6']) guard(owner, method, name);
  }
  syncBuiltinESMExports();
}
