import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { advance, bundleOf, certificatesIn, type Material } from './material.ts';

const start = Date.parse('2026-06-01T00:00:00Z');
const day = 86_400_000;
const names = ['localhost', 'pratique-webhook.pratique.svc'];
const minutes = 60_000;

const at = (days: number, publishedFor: number | null, wanted = names, furtherNames = false) => ({
  ...{ names: wanted, furtherNames, publishedFor },
  now: start + days * day,
});
const made = async (before: Material | null, ...when: Parameters<typeof at>) =>
  await advance(before, at(...when));
const signs = ({ authorities: [first = ''], server }: Material): boolean =>
  server !== null && new X509Certificate(server.certificate).verify(new X509Certificate(first).publicKey);

describe('one authority follows another', () => {
  const steps: readonly [
    what: string,
    days: number,
    publishedFor: number | null,
    made: string,
    authorities: number,
  ][] = [
    ['nothing before its last 120 days', 3650 - 121, 60 * minutes, 'certificate', 1],
    ['then another one is told of', 3650 - 119, 60 * minutes, 'bundle', 2],
    ['which does not sign while clusters are told', 3650 - 118, 9 * minutes, 'nothing', 2],
    ['nor while they cannot be told', 3650 - 20, 0, 'nothing', 2],
    ['but once they have known it for ten minutes', 3650 - 19, 11 * minutes, 'authority', 2],
    ['and the old one is trusted until it ends', 3649, 60 * minutes, 'nothing', 2],
    ['and then no more', 3651, 60 * minutes, 'bundle', 1],
  ];
  it('in steps, none of which anybody notices', async () => {
    let { material } = await made(null, 0, null);
    const told = [];
    for (const [what, days, publishedFor] of steps) {
      const before = material;
      const step = await made(material, days, publishedFor);
      ({ material } = step);
      expect([what, signs(material)]).toEqual([what, true]);
      // Whoever still has the bundle of before trusts what is shown now.
      const shown = new X509Certificate(material.server?.certificate ?? '');
      expect([
        what,
        before.authorities.some((pem) => shown.verify(new X509Certificate(pem).publicKey)),
      ]).toEqual([what, true]);
      told.push([what, step.made, material.authorities.length]);
    }
    expect(told).toEqual(steps.map(([what, , , kind, count]) => [what, kind, count]));
  });

  it('at the last moment where a cluster could not be told at all, and at once where it has ended', async () => {
    const { material } = await made(null, 0, null);
    for (const days of [3650 - 0.5, 3650 + 500]) {
      const late = await made(material, days, 0);
      expect([late.made, signs(late.material)]).toEqual(['authority', true]);
    }
  });

  it('says the same again and again: nothing is made twice', async () => {
    let { material } = await made(null, 0, null);
    ({ material } = await made(material, 3650 - 100, 0));
    for (let round = 0; round < 3; round += 1) {
      const again = await made(material, 3650 - 100, 0);
      expect([again.made, again.material]).toEqual(['nothing', material]);
    }
  });
});

describe('a certificate that replicas share', () => {
  it('is for the names of all of them: nobody takes away what another wants', async () => {
    const { material } = await made(null, 0, null, ['a.svc'], true);
    const both = await made(material, 1, null, ['b.svc'], true);
    expect(both.made).toBe('certificate');
    expect((await made(both.material, 1, null, ['a.svc'], true)).made).toBe('nothing');
    const shown = new X509Certificate(both.material.server?.certificate ?? '');
    expect([shown.checkHost('a.svc'), shown.checkHost('b.svc')]).toEqual(['a.svc', 'b.svc']);
  });

  it.each([
    ['a clock that has been set back', -400],
    ['years without a look', 900],
  ])('is made again after %s', async (_what, days) => {
    const { material } = await made(null, 0, null);
    const next = await made(material, days, null);
    expect([next.made, signs(next.material)]).toEqual(['certificate', true]);
  });
});

describe('a stream of new connections', () => {
  it('is trusted through the whole change, also by who has heard last', async () => {
    // So that today, which is what TLS looks at, is in the middle of the change.
    const begin = Date.now() - 3545 * day;
    const step = async (days: number, publishedFor: number | null) =>
      await advance(material, { names, furtherNames: false, now: begin + days * day, publishedFor });
    let material: Material | null = null;
    material = (await step(0, null)).material;
    const pair = (shown: Material) => ({
      cert: shown.server?.certificate ?? '',
      key: shown.server?.key ?? '',
    });
    let now: Material = material;
    const server = createServer(pair(now), (_request, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const isTrusted = (ca: string): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect({
          port,
          host: '127.0.0.1',
          ca: certificatesIn(ca) as string[],
          servername: names[0],
        });
        socket.once('secureConnect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      });
    const [others] = [(await made(null, 0, null)).material];
    expect(await isTrusted(bundleOf(others))).toBe(false);
    // What the slowest of the API servers trusts: the bundle of the step before.
    let heard = bundleOf(now);
    for (const [days, publishedFor] of [
      [3650 - 200, 0],
      [3650 - 110, 0],
      [3650 - 109, 5 * minutes],
      [3650 - 108, 15 * minutes],
      [3650 - 107, 0],
    ] as const) {
      now = (await step(days, publishedFor)).material;
      material = now;
      server.setSecureContext(pair(now));
      expect([days, await isTrusted(heard)]).toEqual([days, true]);
      heard = bundleOf(now);
    }
    expect(now.authorities).toHaveLength(2);
    await new Promise((resolve) => server.close(resolve));
  });
});
