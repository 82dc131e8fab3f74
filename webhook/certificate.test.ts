import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureCertificate } from './certificate.ts';

const start = Date.parse('2026-06-01T00:00:00Z');
const day = 86_400_000;
const names = ['localhost', '127.0.0.1', '::1', 'pratique-webhook.pratique.svc'];
let folder = '';

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'pratique-certificate-')), 'tls');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

const ensure = (days = 0, wanted: readonly string[] = names) =>
  ensureCertificate({ folder, names: wanted, now: () => start + days * day });
const put = (name: string, text: string) => writeFile(join(folder, name), text);

describe('the webhook certificate', () => {
  it('is signed by an authority of its own, for its names, for a year', async () => {
    const { cert, ca, expires, made } = await ensure();
    const server = new X509Certificate(cert);
    expect(made).toBe('authority');
    expect(server.verify(new X509Certificate(ca).publicKey)).toBe(true);
    expect(server.ca).toBe(false);
    expect(server.checkHost('pratique-webhook.pratique.svc')).toBe('pratique-webhook.pratique.svc');
    expect(server.checkHost('other.pratique.svc')).toBeUndefined();
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkIP('::1')).toBe('::1');
    expect(expires).toBe('2027-06-01T00:00:00.000Z');
  });

  it('keeps its keys from others', async () => {
    await ensure();
    for (const name of ['ca.key', 'tls.key'])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  const rows: readonly [what: string, days: number, names: readonly string[], made: string][] = [
    ['the next day', 1, names, 'nothing'],
    ['with its names in another order', 1, [...names].reverse(), 'nothing'],
    [
      'with a name spelt otherwise',
      1,
      names.map((name) => (name === '::1' ? '0:0:0:0:0:0:0:1' : name)),
      'nothing',
    ],
    ['31 days before its end', 365 - 31, names, 'nothing'],
    ['30 days before its end', 365 - 30, names, 'certificate'],
    ['years after its end', 1000, names, 'certificate'],
    ['with one name more', 1, [...names, 'more.svc'], 'certificate'],
    ['with one name less', 1, names.slice(1), 'certificate'],
    ['when its authority ends', 3650 - 30, names, 'authority'],
  ];
  it.each(rows)('asked for again %s', async (_what, days, wanted, made) => {
    const first = await ensure();
    const second = await ensure(days, wanted);
    expect(second.made).toBe(made);
    expect(second.cert === first.cert).toBe(made === 'nothing');
    expect(second.ca === first.ca).toBe(made !== 'authority');
    expect(new X509Certificate(second.cert).verify(new X509Certificate(second.ca).publicKey)).toBe(true);
    expect(Date.parse(second.expires)).toBeGreaterThan(start + days * day);
    expect((await ensure(days, wanted)).cert).toBe(second.cert);
  });

  it('lasts no longer than its authority', async () => {
    await ensure();
    expect((await ensure(3500)).expires).toBe('2036-05-29T00:00:00.000Z');
  });

  it('is made again where a renewal was killed between its two files', async () => {
    const first = await ensure();
    const other = await ensure(340);
    await put('tls.crt', first.cert);
    const third = await ensure(1);
    expect([third.made, third.ca]).toEqual(['certificate', other.ca]);
  });

  const damages: readonly [what: string, damage: () => Promise<void>, told: string][] = [
    ['ca.crt is damaged', () => put('ca.crt', 'x'), 'ca.crt is damaged'],
    ['ca.crt is empty', () => put('ca.crt', ''), 'ca.crt is damaged'],
    [
      'tls.crt is damaged',
      () => put('tls.crt', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
      'tls.crt is damaged',
    ],
    ['tls.key is damaged', () => put('tls.key', 'x'), 'tls.key is damaged'],
    ['ca.crt is missing', () => rm(join(folder, 'ca.crt')), 'ca.crt is missing'],
    [
      'ca.crt is no authority',
      async () => put('ca.crt', await readFile(join(folder, 'tls.crt'), 'utf8')),
      'ca.crt is no certificate of an authority',
    ],
    [
      'ca.key is of another',
      async () => {
        await put('ca.key', await readFile(join(folder, 'tls.key'), 'utf8'));
        await rm(join(folder, 'tls.crt'));
      },
      'ca.key is not the key of ca.crt',
    ],
    [
      'ca.key is missing and needed',
      async () => {
        await rm(join(folder, 'ca.key'));
        await rm(join(folder, 'tls.crt'));
      },
      'ca.key is missing',
    ],
  ];
  it.each(damages)('is an error, and no new authority, when %s', async (_what, damage, told) => {
    await ensure();
    await damage();
    const before = await readFile(join(folder, 'ca.crt'), 'utf8').catch(() => null);
    await expect(ensure()).rejects.toMatchObject({
      code: 'data-unusable',
      message: expect.stringContaining(told),
    });
    expect(await readFile(join(folder, 'ca.crt'), 'utf8').catch(() => null)).toBe(before);
  });

  it("is used without the authority's key, which may be kept elsewhere", async () => {
    const first = await ensure();
    await rm(join(folder, 'ca.key'));
    expect((await ensure(1)).cert).toBe(first.cert);
  });

  it('is not made by a clock that is behind its authority', async () => {
    await ensure();
    await expect(ensure(-400)).rejects.toThrow("is this machine's clock right");
  });

  it.each([
    ['a name', ['not a name']],
    ['a URL', ['https://x']],
    ['nothing', []],
  ])('refuses %s', async (_what, wanted) => {
    await expect(ensure(0, wanted)).rejects.toMatchObject({ code: 'config-invalid' });
  });
});
