import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { silentLogger } from '../../core/ports/logger.ts';
import { repositoryPathPattern } from '../../core/reference.ts';
import { isOciError } from '../../registry/oci-error.ts';
import { sendError } from '../respond.ts';
import { type Action, actions } from './access.ts';
import type { Authorization } from './authorization.ts';
import { type AuthorizationOptions, createAuthorization } from './authorize.ts';
import { noTokens } from './known-tokens.ts';
import type { AuthSettings } from './settings.ts';

/** The lowest cost there is: tests hash often. */
const cost = 4;

/** A line of an htpasswd file, with the prefix that Apache's program writes. */
export function htpasswdLine(user: string, password: string, rounds: number = cost): string {
  return `${user}:${bcrypt.hashSync(password, rounds).replace(/^\$2b\$/, '$2y$')}\n`;
}

/** Names as the real addressing reads them: an alias first, and one-word names of docker.io below `library/`. */
export function resolveSample(name: string): string | null {
  if (!repositoryPathPattern.test(name)) return null;
  const [first, ...rest] = name.split('/');
  if (rest.length === 0 || !['docker.io', 'hosted', 'corp'].includes(first ?? '')) return null;
  return first === 'docker.io' && rest.length === 1 ? `docker.io/library/${rest[0] ?? ''}` : name;
}

export interface SampleAuth {
  readonly authorization: Authorization;
  readonly usersFile: string;
  readonly keyFile: string;
  /** Milliseconds; tests move it on. */
  readonly clock: { now: number };
}

const sampleUsers = ['alice', 'bob', 'élodie'].map((user) => htpasswdLine(user, `pw-${user}`)).join('');

/** An authorization with the users alice, bob and élodie, whose passwords are `pw-` and their names. */
export function sampleAuth(
  folder: string,
  settings: Partial<AuthSettings> = {},
  options: Partial<AuthorizationOptions> = {},
): SampleAuth {
  mkdirSync(folder, { recursive: true });
  const usersFile = join(folder, 'users');
  const keyFile = join(folder, 'token-keys.json');
  const clock = { now: Date.UTC(2026, 10, 24) };
  // Made once a folder: the same password has another hash, and ends tokens, when it is hashed again.
  if (!existsSync(usersFile)) writeFileSync(usersFile, sampleUsers);
  const authorization = createAuthorization({
    auth: {
      users: usersFile,
      anonymousPull: true,
      realm: null,
      service: 'pratique',
      access: null,
      ...settings,
    },
    hosts: ['registry.test:5000'],
    pushPrefixes: ['hosted'],
    resolve: resolveSample,
    closed: [],
    boundTo: () => null,
    keyFile,
    accessTokens: noTokens,
    tls: false,
    addressOf: (request) => request.socket.remoteAddress ?? '',
    logger: silentLogger,
    now: () => clock.now,
    ...options,
  });
  return { authorization, usersFile, keyFile, clock };
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

export interface SampleServer {
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

/**
 * A small registry front: `/v2/` is the login, `/v2/<action>/<name>` needs that action on the name as it resolves,
 * `/auth/` is the token endpoint. It answers 200 with what was granted.
 */
export async function serveSample(authorization: Authorization): Promise<SampleServer> {
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    if (url.startsWith('/auth/') && authorization.tokenApp !== null)
      return authorization.tokenApp(request, response);
    const [word = '', ...rest] = url.slice('/v2/'.length).split('/');
    const action: Action | undefined = actions.find((known) => known === word);
    const name = resolveSample(rest.join('/'));
    const need = action === undefined || name === null ? 'login' : { name, action };
    authorization.authorize(request, need).then(
      (answer) => {
        if (!isOciError(answer)) {
          response.end(JSON.stringify({ user: answer.user, push: answer.viaPushToken }));
          return;
        }
        if ('wwwAuthenticate' in answer && answer.wwwAuthenticate !== undefined)
          response.setHeader('WWW-Authenticate', answer.wwwAuthenticate);
        sendError(response, request.method ?? 'GET', answer);
      },
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a host and port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
