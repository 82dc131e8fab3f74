import type { VerdictStatus } from '../core/verdict.ts';
import {
  alpineRoot,
  type Built,
  type BuiltImage,
  buildImage,
  buildIndex,
  debianRoot,
  type LayerSpec,
  linuxArm64,
  npmPackages,
  type SystemPackage,
} from '../test/support/images.ts';
import { type OsvFeeds, type OsvRecord, osvRecord } from '../test/support/osv.ts';

/** Every id is made up: there will be no such CVE for a long time. */
const critical = 'CVE-2099-0001';
const exploited = 'CVE-2099-0002';
const high = 'CVE-2099-0003';
export const late = 'CVE-2099-0004';

const worstVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
const highVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N';
const mediumVector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N';

/** One image of the story, and what has to become of it. */
export interface DemoImage {
  readonly repository: string;
  readonly tag: string;
  readonly what: string;
  readonly built: Built;
  /** Whether the proxy hands it out. */
  readonly served: boolean;
  /** Of the image, or of the worst platform of an index. */
  readonly status: VerdictStatus;
  /** Whether the webhook lets a Deployment of it in. */
  readonly admitted: boolean;
  /** What the reason has to say. */
  readonly reason: string | null;
}

/** The layer's middle is noise, so that there is something to download. Bytes. */
const noiseSize = 6 * 1024 * 1024;

/** @param noise bytes that do not compress; handed in, so that this file depends on nothing else */
export function demoImages(noise: (size: number) => Uint8Array): readonly DemoImage[] {
  const debian = (packages: readonly SystemPackage[]): LayerSpec => ({
    files: [...debianRoot({ release: '12', packages }), { path: 'usr/lib/noise', content: noise(noiseSize) }],
  });
  const base = debian([
    { name: 'libc6', version: '2.36-9+deb12u9', source: 'glibc' },
    { name: 'openssl', version: '3.0.15-1~deb12u1' },
    { name: 'zlib1g', version: '1:1.2.13.dfsg-1', source: 'zlib' },
  ]);
  const app = (version: string): LayerSpec => ({
    files: npmPackages([
      { name: 'shop', version, under: 'srv' },
      { name: 'tiny-router', version: '2.1.0', under: 'srv' },
    ]),
    compression: 'zstd',
  });
  const image = (...layers: LayerSpec[]): BuiltImage => buildImage({ layers });
  const old = debian([{ name: 'openssl', version: '3.0.1-1' }]);
  const arm64 = buildImage({ layers: [old], platform: linuxArm64 });
  return [
    {
      repository: 'shop',
      tag: '1.0',
      what: 'Debian 12 with a Node.js application, up to date',
      built: image(base, app('1.0.0')),
      ...{ served: true, status: 'pass', admitted: true, reason: null },
    },
    {
      repository: 'shop',
      tag: '1.1',
      what: 'its next release, on the same base layer',
      built: image(base, app('1.1.0')),
      ...{ served: true, status: 'pass', admitted: true, reason: null },
    },
    {
      repository: 'reports',
      tag: '2.3',
      what: 'a finding of severity high, with a fix',
      built: image(debian([{ name: 'libpng16-16', version: '1.6.39-1', source: 'libpng1.6' }])),
      ...{ served: true, status: 'warn', admitted: true, reason: high },
    },
    {
      repository: 'legacy',
      tag: '0.9',
      what: 'a critical finding, with a fix',
      built: image(old),
      ...{ served: false, status: 'fail', admitted: false, reason: critical },
    },
    {
      repository: 'mail',
      tag: '4.96',
      what: 'medium on paper, and known to be exploited',
      built: image(debian([{ name: 'exim4', version: '4.96-14' }])),
      ...{ served: false, status: 'fail', admitted: false, reason: exploited },
    },
    {
      repository: 'tools',
      tag: 'latest',
      what: 'multi-platform: amd64 is clean, arm64 is not',
      built: buildIndex([image(base), arm64]),
      ...{ served: true, status: 'fail', admitted: false, reason: critical },
    },
    {
      repository: 'edge',
      tag: '3.99',
      what: 'a release that no advisories speak of',
      built: image({
        files: alpineRoot({ release: '3.99.0', packages: [{ name: 'musl', version: '1.2.9-r0' }] }),
      }),
      ...{ served: false, status: 'error', admitted: false, reason: 'no advisories cover Alpine' },
    },
  ];
}

/** @param withLate whether the advisory that comes later is there already */
export function demoFeeds(withLate: boolean): OsvFeeds {
  const debian = (id: string, name: string, fixed: string, cvss: string): OsvRecord =>
    osvRecord({ id: `DEBIAN-${id}`, ecosystem: 'Debian:12', package: name, fixed, cvss, upstream: [id] });
  return {
    Debian: [
      debian(critical, 'openssl', '3.0.15-1~deb12u1', worstVector),
      debian(exploited, 'exim4', '4.96-15+deb12u6', mediumVector),
      debian(high, 'libpng1.6', '1.6.39-2+deb12u1', highVector),
      ...(withLate ? [debian(late, 'zlib', '1:1.2.13.dfsg-1+deb12u1', worstVector)] : []),
    ],
    Alpine: [
      osvRecord({
        id: 'ALPINE-CVE-2099-0005',
        ecosystem: 'Alpine:v3.19',
        package: 'busybox',
        fixed: '1.36.1-r20',
      }),
    ],
    npm: [
      osvRecord({
        id: 'GHSA-2099-demo-0006',
        ecosystem: 'npm',
        package: 'tiny-router',
        fixed: '2.0.4',
        severity: 'HIGH',
      }),
    ],
    kev: [{ cveID: exploited, dateAdded: '2026-01-01' }],
  };
}
