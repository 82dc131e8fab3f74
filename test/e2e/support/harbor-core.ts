import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importPKCS8, SignJWT } from 'jose';
import { selfSignedCertificate } from '../../support/tls.ts';

const service = 'harbor-registry';
const issuer = 'harbor-token-issuer';
/** Seconds. */
const tokenLifetime = 300;

export interface Robot {
  readonly name: string;
  readonly secret: string;
}

/** Harbor's core, as far as a scan meets it: a token service for robot accounts, in front of a registry. */
export interface HarborCore {
  /** Where scans reach it: its internal address. */
  readonly url: string;
  readonly host: string;
  /** The address that users know; challenges name the token service by it. */
  readonly externalUrl: string;
  /** `auth: token` of the registry behind it, and a token with which pushes are made. */
  readonly certificate: string;
  readonly realm: { readonly realm: string; readonly service: string; readonly issuer: string };
  token(access: readonly object[]): Promise<string>;
  /** The registry that it stands in front of. */
  standBefore(registry: string): void;
  /** An account that may pull one repository, until it is deleted. */
  robot(repository: string): Robot;
  deleteRobot(robot: Robot): void;
  /** Holds back answers to paths that match, until the returned function is called. */
  hold(path: RegExp): () => void;
  /** `GET /v2/…` and so on, tokens included, in order. */
  readonly log: string[];
  /** Everything secret that was ever given out. */
  readonly secrets: readonly string[];
  stop(): Promise<void>;
}

export async function startHarborCore(): Promise<HarborCore> {
  const { key, cert } = selfSignedCertificate();
  const signingKey = await importPKCS8(key, 'ES256');
  const x5c = [cert.replace(/-----[A-Z ]+-----|\s/g, '')];
  const robots = new Map<string, { readonly secret: string; readonly repository: string }>();
  const holds = new Map<RegExp, Promise<void>>();
  const log: string[] = [];
  const secrets: string[] = [];
  let registry = '';
  let made = 0;

  const token = async (access: readonly object[]): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    made += 1;
    const text = await new SignJWT({ access })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', x5c })
      .setIssuer(issuer)
      .setAudience(service)
      .setSubject('robot')
      .setJti(String(made))
      .setNotBefore(now - 10)
      .setIssuedAt(now)
      .setExpirationTime(now + tokenLifetime)
      .sign(signingKey);
    secrets.push(text);
    return text;
  };

  const answerToken = async (url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [name = '', ...rest] = Buffer.from(
      (request.headers.authorization ?? '').replace(/^Basic /, ''),
      'base64',
    )
      .toString()
      .split(':');
    const robot = robots.get(name);
    if (robot === undefined || robot.secret !== rest.join(':')) {
      response.writeHead(401, { 'Content-Type': 'application/json' });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized"}]}');
      return;
    }
    const granted = url.searchParams.getAll('scope').includes(`repository:${robot.repository}:pull`);
    const access = granted ? [{ type: 'repository', name: robot.repository, actions: ['pull'] }] : [];
    const text = await token(access);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ token: text, access_token: '', expires_in: tokenLifetime }));
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://core');
    log.push(`${request.method} ${url.pathname}`);
    for (const [path, held] of holds) if (path.test(url.pathname)) await held;
    if (url.pathname === '/service/token') await answerToken(url, request, response);
    else passOn(`${registry}${request.url}`, request, response);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  const externalUrl = `http://localhost:${port}`;

  return {
    url: `http://${host}`,
    host,
    externalUrl,
    certificate: cert,
    realm: { realm: `${externalUrl}/service/token`, service, issuer },
    token,
    standBefore: (url) => {
      registry = url;
    },
    robot: (repository) => {
      const robot = { name: `robot$scanner+${robots.size}`, secret: `s3cret:of-robot-${robots.size}-x9Y8z7` };
      robots.set(robot.name, { secret: robot.secret, repository });
      secrets.push(robot.secret, Buffer.from(`${robot.name}:${robot.secret}`).toString('base64'));
      return robot;
    },
    deleteRobot: ({ name }) => {
      robots.delete(name);
    },
    hold: (path) => {
      let release = (): void => undefined;
      holds.set(
        path,
        new Promise((resolve) => {
          release = resolve;
        }),
      );
      return () => {
        holds.delete(path);
        release();
      };
    },
    log,
    secrets,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passOn(to: string, request: IncomingMessage, response: ServerResponse): void {
  const onward = httpRequest(to, { method: request.method ?? 'GET', headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
