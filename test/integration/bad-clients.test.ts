import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256 } from '../support/images.ts';
import { runCli } from '../support/pratique.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { selfSignedCertificate } from '../support/tls.ts';
import { basicOf, writeUsers } from '../support/users.ts';
import { ask } from './client.ts';
import { clean, debian, openStage, type Stage, warned } from './stage.ts';

/** What clients do that are broken, greedy or hostile: each is answered where it can be, and others are served on. */

const second = debian('curl', '7.88-1', 'second');
let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    repositories: { 'team/app': { clean, second, warned } },
    config: {
      auth: { users: writeUsers(temporaryDirectory(), ['alice', 'flood']) },
      limits: { perPuller: { vettingsPerHour: 1 }, connectionsPerAddress: 50 },
    },
  });
});
afterAll(() => stage.close());

/** Writes to the registry port; gives all that comes back until it ends, and how many bytes could be written. */
const raw = (
  parts: Iterable<string | Buffer>,
  milliseconds = 60_000,
): Promise<{ answer: string; sent: number }> =>
  new Promise((resolve) => {
    let answer = '';
    let sent = 0;
    const socket = connect(stage.pratique.ports.registry, '127.0.0.1');
    const write = parts[Symbol.iterator]();
    const more = (): void => {
      for (let next = write.next(); next.done !== true && !socket.destroyed; next = write.next()) {
        sent += next.value.length;
        if (!socket.write(next.value)) return;
      }
    };
    socket.setTimeout(milliseconds, () => socket.destroy());
    socket.on('data', (part: Buffer) => {
      answer += part.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve({ answer, sent }));
    socket.on('drain', more);
    socket.on('connect', more);
  });
const serves = async (): Promise<void> => {
  expect((await ask(stage.pratique.registry, '/v2/')).status).toBe(401);
};
const residentBytes = (): number => {
  const status = readFileSync(`/proc/${stage.pratique.child.pid ?? 0}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) * 1024;
};
function* endless(head: string, part: Buffer, most: number): Generator<string | Buffer> {
  yield head;
  for (let sent = 0; sent < most; sent += part.length) yield part;
}

describe('requests that are none', () => {
  it('headers without end: 431, and nothing is kept of them', async () => {
    const before = residentBytes();
    const line = Buffer.from(`X-A: ${'a'.repeat(65_530)}\r\n`);
    const { answer, sent } = await raw(endless('GET /v2/ HTTP/1.1\r\nHost: x\r\n', line, 1024 ** 3));
    // A client that goes on writing may have lost the answer with the connection.
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 431 .*"code":"UNSUPPORTED"/s);
    expect(sent).toBeLessThan(64 * 1024 ** 2);
    expect(residentBytes() - before).toBeLessThan(100 * 1024 ** 2);
    await serves();
  });
  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    [
      'two lengths',
      'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a length and chunks',
      'POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'an encoding that ends nowhere',
      'POST /v2/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\na',
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a query of 16 KiB',
      `GET /v2/?${'q'.repeat(16_384)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      /^HTTP\/1\.1 400 .*"code":"NAME_INVALID"/s,
    ],
    ['a query of 64 KiB', `GET /v2/?${'q'.repeat(65_536)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ])('%s', async (_what, text, answer) => {
    expect((await raw([text], 10_000)).answer).toMatch(answer);
    await serves();
  });
  it('headers that drip: 408, or the connection ends', async () => {
    let answer = '';
    const socket = connect(stage.pratique.ports.registry, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', (part: Buffer) => {
      answer += part.toString();
    });
    const ended = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    socket.write('GET /v2/ HTTP/1.1\r\nHost: x\r\nX-A: ');
    const drip = setInterval(() => socket.write('a'), 500);
    const tooLate = setTimeout(() => {
      answer = 'still open';
      socket.destroy();
    }, 90_000);
    await ended;
    clearInterval(drip);
    clearTimeout(tooLate);
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await serves();
  }, 120_000);
  it('a GET with a body is one request, whatever its body looks like', async () => {
    const hidden = 'GET /v2/corp/team/app/manifests/clean HTTP/1.1\r\nHost: x\r\n\r\n';
    const { answer } = await raw([
      `GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
    ]);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401']);
    await serves();
  });
  it('a thousand requests before an answer: the connection ends', async () => {
    const one = 'GET /v2/corp/team/app/manifests/clean HTTP/1.1\r\nHost: x\r\n\r\n';
    const { answer } = await raw([one.repeat(1000)], 20_000);
    expect(answer.split('HTTP/1.1 200').length).toBeLessThan(100);
    await serves();
  });
  it('more connections from one address than may be', async () => {
    const sockets = Array.from({ length: 80 }, () => {
      const socket = connect(stage.pratique.ports.registry, '127.0.0.1');
      socket.on('error', () => undefined);
      return socket;
    });
    const open = (): number => sockets.filter(({ closed }) => !closed).length;
    try {
      for (let waited = 0; open() > 50 && waited < 10_000; waited += 100) await sleep(100);
      expect(open()).toBeLessThanOrEqual(50);
      expect(open()).toBeGreaterThan(20);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await sleep(500);
    await serves();
  });
});

describe('uploads', () => {
  const headers = { Authorization: basicOf('alice') };
  it('a manifest of more than 4 MiB, one that nests too deep, a wrong digest, a chunk out of order', async () => {
    const put = (body: string | Buffer) =>
      ask(stage.pratique.registry, '/v2/hosted/app/manifests/1', {
        method: 'PUT',
        body,
        headers: { ...headers, 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
      });
    expect((await put(Buffer.alloc(4 * 1024 ** 2 + 1, 32))).status).toBe(413);
    expect(await put('['.repeat(2_000_000))).toMatchObject({ status: 400, code: 'MANIFEST_INVALID' });
    const begun = await ask(stage.pratique.registry, '/v2/hosted/app/blobs/uploads/', {
      method: 'POST',
      headers,
    });
    const place = String(begun.headers.location);
    const chunk = (range: string) =>
      ask(stage.pratique.registry, place, {
        method: 'PATCH',
        body: 'abc',
        headers: { ...headers, 'Content-Range': range, 'Content-Length': '3' },
      });
    expect((await chunk('7-9')).status).toBe(416);
    expect((await chunk('x-y')).code).toBe('BLOB_UPLOAD_INVALID');
    expect((await chunk('0-9')).code).toBe('BLOB_UPLOAD_INVALID');
    const wrong = `sha256:${'0'.repeat(64)}`;
    const end = await ask(stage.pratique.registry, `${place}?digest=${wrong}`, {
      method: 'PUT',
      body: 'abc',
      headers,
    });
    expect(end).toMatchObject({ status: 400, code: 'DIGEST_INVALID' });
    expect((await ask(stage.pratique.registry, `/v2/hosted/app/blobs/${wrong}`, { headers })).status).toBe(
      404,
    );
  });
});

describe('uploads that do not end as they began', () => {
  const Authorization = basicOf('alice');
  const head = (method: string, path: string, ...lines: string[]): string =>
    [`${method} ${path} HTTP/1.1`, 'Host: x', `Authorization: ${Authorization}`, ...lines, '', ''].join(
      '\r\n',
    );
  const begin = async (): Promise<string> => {
    const path = '/v2/hosted/vanish/blobs/uploads/';
    const begun = await ask(stage.pratique.registry, path, { method: 'POST', headers: { Authorization } });
    return String(begun.headers.location);
  };
  /** Sends these, gives the other side time to take them, and is gone without a word. */
  const vanish = async (text: string): Promise<void> => {
    const socket = connect(stage.pratique.ports.registry, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      socket.write(text, () => resolve());
    });
    await sleep(300);
    socket.resetAndDestroy();
    await sleep(300);
  };
  const bytes = Buffer.from('b'.repeat(1000));
  const digest = sha256(bytes);
  const there = async (path: string): Promise<number> =>
    (await ask(stage.pratique.registry, `/v2/hosted/vanish/${path}`, { headers: { Authorization } })).status;

  it('a client that is gone in the middle of a layer: nothing is stored, and it can go on', async () => {
    const place = await begin();
    await vanish(`${head('PATCH', place, 'Content-Length: 1000')}${'b'.repeat(400)}`);
    const status = await ask(stage.pratique.registry, place, { headers: { Authorization } });
    expect(status.status).toBe(204);
    const last = Number(/^0-(\d+)$/.exec(String(status.headers.range))?.[1]);
    expect(last).toBeLessThan(400);
    expect(await there(`blobs/${digest}`)).toBe(404);
    const from = last === 0 ? 0 : last + 1;
    const rest = bytes.subarray(from);
    const resumed = await ask(stage.pratique.registry, place, {
      method: 'PATCH',
      body: rest,
      headers: { Authorization, 'Content-Range': `${from}-999`, 'Content-Length': String(rest.length) },
    });
    expect(resumed.status).toBe(202);
    const end = { method: 'PUT', headers: { Authorization } };
    expect((await ask(stage.pratique.registry, `${place}?digest=${digest}`, end)).status).toBe(201);
  });
  it('one that is gone in the middle of a layer in one piece, or of a manifest: nothing is stored', async () => {
    const other = sha256(Buffer.from('c'.repeat(1000)));
    const whole = `/v2/hosted/vanish/blobs/uploads/?digest=${other}`;
    await vanish(`${head('POST', whole, 'Content-Length: 1000')}${'c'.repeat(999)}`);
    expect(await there(`blobs/${other}`)).toBe(404);
    const type = `Content-Type: ${clean.manifest.mediaType}`;
    const text = Buffer.from(clean.manifest.bytes).toString();
    const manifest = head('PUT', '/v2/hosted/vanish/manifests/1', type, `Content-Length: ${text.length}`);
    await vanish(`${manifest}${text.slice(0, -1)}`);
    expect(await there('manifests/1')).toBe(404);
    await serves();
  });
  it('one that waits for 100 Continue is told to go on; another expectation is not met', async () => {
    const body = 'd'.repeat(100);
    const path = `/v2/hosted/vanish/blobs/uploads/?digest=${sha256(Buffer.from(body))}`;
    const lines = ['Content-Length: 100', 'Connection: close'];
    const { answer } = await raw([head('POST', path, ...lines, 'Expect: 100-continue'), body]);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 100', 'HTTP/1.1 201']);
    const odd = await raw([head('POST', path, ...lines, 'Expect: the-moon'), body]);
    expect(odd.answer).toMatch(/^HTTP\/1\.1 417 /);
  });
  it('thousands that are begun at once: a bound, and others are served', async () => {
    const before = residentBytes();
    const Flood = `Authorization: ${basicOf('flood')}`;
    const one = `POST /v2/hosted/flood/blobs/uploads/ HTTP/1.1\r\nHost: x\r\n${Flood}\r\nContent-Length: 0\r\n`;
    const many = `${`${one}\r\n`.repeat(29)}${one}Connection: close\r\n\r\n`;
    const statuses = new Map<string, number>();
    for (let wave = 0; wave < 3; wave += 1) {
      for (const { answer } of await Promise.all(Array.from({ length: 40 }, () => raw([many])))) {
        for (const [status] of answer.matchAll(/HTTP\/1\.1 \d+/g))
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    }
    expect([...statuses.keys()].sort()).toEqual(['HTTP/1.1 202', 'HTTP/1.1 429']);
    expect([...statuses.values()].reduce((sum, count) => sum + count)).toBe(3600);
    expect(statuses.get('HTTP/1.1 202')).toBeLessThanOrEqual(200);
    expect(residentBytes() - before).toBeLessThan(200 * 1024 ** 2);
    // Another one's are begun as before.
    expect(await begin()).toMatch(/^\/v2\/hosted\/vanish\/blobs\/uploads\//);
    await serves();
  }, 120_000);
});

describe('one who pulls', () => {
  it('may not begin vettings without bound, has what is known, and does not keep others from theirs', async () => {
    const pull = (tag: string, user: string | null) =>
      ask(stage.pratique.registry, `/v2/corp/team/app/manifests/${tag}`, {
        headers: user === null ? {} : { Authorization: basicOf(user) },
      });
    expect((await pull('clean', null)).status).toBe(200);
    const refused = await pull('second', null);
    expect(refused).toMatchObject({
      status: 429,
      code: 'TOOMANYREQUESTS',
      message: expect.stringContaining('limits.perPuller'),
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(60);
    expect((await pull('clean', null)).status).toBe(200);
    expect((await pull('second', 'alice')).status).toBe(200);
    expect((await pull('second', null)).status).toBe(200);
    expect((await pull('warned', 'alice')).status).toBe(429);
    const layer = `/v2/corp/team/app/blobs/${warned.layers[0]?.digest ?? ''}`;
    for (const method of ['GET', 'HEAD']) {
      const headers = { Authorization: basicOf('alice') };
      const blob = await ask(stage.pratique.registry, layer, { method, headers });
      expect([method, blob.status, blob.code]).toEqual([
        method,
        429,
        method === 'GET' ? 'TOOMANYREQUESTS' : '',
      ]);
      expect(Number(blob.headers['retry-after'])).toBeGreaterThan(60);
    }
  });
});

describe('what a private upstream holds', () => {
  it('is nobody’s who did not log in, after somebody has pulled it too', async () => {
    const users = writeUsers(temporaryDirectory(), ['alice']);
    const other = await openStage({
      repositories: { 'team/app': { clean } },
      private: true,
      config: { auth: { users } },
    });
    try {
      const as = { headers: { Authorization: basicOf('alice') } };
      expect((await other.get('team/app/manifests/clean', as)).status).toBe(200);
      const blob = clean.layers[0]?.digest ?? '';
      expect((await other.get(`team/app/blobs/${blob}`, as)).status).toBe(200);
      const digest = clean.manifest.digest;
      for (const path of [
        'corp/team/app/manifests/clean',
        `corp/team/app/manifests/${digest}`,
        `corp/team/app/blobs/${blob}`,
        `corp/team/app/referrers/${digest}`,
        'corp/team/app/tags/list',
        'team/app/manifests/clean?ns=registry.corp',
        `team/app/blobs/${blob}?ns=registry.corp`,
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const { status } = await ask(other.pratique.registry, `/v2/${path}`, { method });
          expect([method, path, status]).toEqual([method, path, 401]);
        }
      }
    } finally {
      await other.close();
    }
  });
});

describe('TLS on the registry port', () => {
  it('is spoken, takes a renewed certificate up, and keeps the last good one', async () => {
    const dir = temporaryDirectory();
    const [first, renewed] = [selfSignedCertificate(), selfSignedCertificate()];
    const [certificate, key] = [join(dir, 'a.crt'), join(dir, 'a.key')];
    const put = (pair: { cert: string; key: string }): void => {
      writeFileSync(certificate, pair.cert);
      writeFileSync(key, pair.key);
    };
    put(first);
    copyFileSync(certificate, join(dir, 'first.crt'));
    const { createRegistryServers } = await import('../../app/registry-server.ts');
    const { Ending } = await import('../../app/ending.ts');
    const { silentLogger } = await import('../../core/ports/logger.ts');
    const ending = new Ending(silentLogger);
    const servers = createRegistryServers({
      config: {
        listen: { registryTls: { certificate, key } },
        limits: { connections: 100, connectionsPerAddress: 100 },
      } as unknown as Parameters<typeof createRegistryServers>[0]['config'],
      addresses: { of: () => '', isTrusted: () => false },
      onConnectionRefused: () => undefined,
      ending,
      now: Date.now,
      logger: silentLogger,
    });
    const server = servers.make();
    server.on('request', (_request, response: { end(text: string): void }) => response.end('ok'));
    const at = await ending.open(server, { host: '127.0.0.1', port: 0 }, 'registry');
    const get = (ca: string): Promise<number> =>
      new Promise((resolve) => {
        const sent = httpsRequest({ host: '127.0.0.1', port: at?.port, ca, agent: false }, (response) =>
          resolve(response.resume().statusCode ?? 0),
        );
        sent.on('error', () => resolve(0));
        sent.end();
      });
    const eventually = async (holds: () => Promise<boolean>): Promise<void> => {
      const end = Date.now() + 20_000;
      while (!(await holds())) {
        if (Date.now() > end) throw new Error('it never came to hold');
        await sleep(100);
      }
    };
    try {
      expect(await get(first.cert)).toBe(200);
      put(renewed);
      await eventually(async () => (await get(renewed.cert)) === 200);
      expect(servers.problem()).toBeNull();
      writeFileSync(certificate, first.cert);
      await eventually(() => Promise.resolve(servers.problem() !== null));
      expect(servers.problem()).toMatch(/is not the key of/);
      expect(await get(renewed.cert)).toBe(200);
      const old = await new Promise<string>((resolve) => {
        const socket = tlsConnect({
          host: '127.0.0.1',
          port: at?.port ?? 0,
          ca: renewed.cert,
          minVersion: 'TLSv1.1',
          maxVersion: 'TLSv1.1',
        });
        socket.once('secureConnect', () => resolve('spoken'));
        socket.once('error', () => resolve('refused'));
      });
      expect(old).toBe('refused');
    } finally {
      await ending.close();
    }
  });
  it('is refused at the start where its files cannot be used', async () => {
    const dir = temporaryDirectory();
    writeFileSync(
      join(dir, 'c.yaml'),
      'listen: { registryTls: { certificate: a, key: b }, registry: "127.0.0.1:0" }\n',
    );
    const { code, err } = await runCli([
      'serve',
      '--config',
      join(dir, 'c.yaml'),
      '--data',
      join(dir, 'data'),
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/listen\.registryTls: the certificate and the key cannot be used/);
  });
});
