import { type BuiltImage, buildImage, debianRoot, type SystemPackage } from '../../test/support/images.ts';
import { type OsvRecord, osvRecord } from '../../test/support/osv.ts';
import { setting } from './scratch.ts';

/** Images that a registry holds, with all that a scan of them has to find. Equal in every thread. */
export const images = setting('BENCH_IMAGES', 50);
const packagesEach = setting('BENCH_PACKAGES', 300);
/** MiB of each image that nothing else shares. */
const size = setting('BENCH_MIB', 8);
/** For the packages that all images draw from. */
const advisories = 2000;

export const credentials = { username: 'robot$bench', password: 'bench:secret' };
export const repository = (image: number): string => `bench/app-${image}`;
const packageName = (n: number): string => `lib${n}`;
const cve = (n: number): string => `CVE-2099-${10_000 + n}`;
/** Every third image's packages are a release behind. */
const isVulnerable = (image: number): boolean => image % 3 === 0;

export function advisoryRecords(): OsvRecord[] {
  return Array.from({ length: advisories }, (_, n) =>
    osvRecord({
      id: `DEBIAN-${cve(n)}`,
      ecosystem: 'Debian:12',
      package: packageName(n),
      fixed: '2.0-1',
      upstream: [cve(n)],
      cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N',
    }),
  );
}

/** Which packages an image has: a window that begins elsewhere for each. */
const packagesOf = (image: number): number[] =>
  Array.from({ length: packagesEach }, (_, n) => (image * 37 + n) % advisories);

/** `id package version fixed`, sorted. */
export function expectedFindings(image: number): readonly string[] {
  if (!isVulnerable(image)) return [];
  return packagesOf(image)
    .map((n) => `${cve(n)} ${packageName(n)} 1.0-1 2.0-1`)
    .sort();
}

export function buildImages(): BuiltImage[] {
  const base = { files: [{ path: 'etc/base', content: noise(9999, 4 * 1024 ** 2) }] };
  return Array.from({ length: images }, (_, image) => {
    const version = isVulnerable(image) ? '1.0-1' : '2.0-1';
    const packages: SystemPackage[] = packagesOf(image).map((n) => ({ name: packageName(n), version }));
    const data = { path: `opt/data-${image}`, content: noise(image, size * 1024 ** 2) };
    return buildImage({
      layers: [base, { files: debianRoot({ release: '12', packages }) }, { files: [data] }],
    });
  });
}

/** Bytes that pack to about three quarters, the same each time. */
function noise(seed: number, bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  let state = seed + 1;
  for (let at = 0; at < bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content.writeUInt32LE((state & 0x3f3f3f3f) >>> 0, at);
  }
  return content;
}
