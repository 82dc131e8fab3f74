import { baseOf } from '../../archive/tar-path.ts';
import type { Interest } from '../cataloger.ts';

/** The largest have some megabytes. */
const largest = 16 * 1024 ** 2;
const interest: Interest = { kind: 'content', limit: largest, orFolder: true };

/** Where packagers are known to put bills of materials; elsewhere they may be about anything. */
export const places = {
  /** One for each component: `opt/bitnami/nginx/.spdx-nginx.spdx`. */
  bitnami: 'opt/bitnami/',
  /** One for each apk of Wolfi and Chainguard, and what apko writes of the image. */
  apko: 'var/lib/db/sbom/',
} as const;
const others = ['usr/share/sbom/', 'usr/local/share/sbom/', 'layers/sbom/launch/'] as const;

export function matchSbom(path: string): Interest | null {
  if (path.startsWith(places.bitnami)) return isBitnami(path) ? interest : null;
  if (!path.endsWith('.json')) return null;
  if (path.startsWith(places.apko)) return path.endsWith('.spdx.json') ? interest : null;
  if (!others.some((place) => path.startsWith(place))) return null;
  return /[./](?:sbom\.|bom\.)?(?:spdx|cdx|cyclonedx)\.json$/.test(path) ? interest : null;
}

function isBitnami(path: string): boolean {
  if (!path.endsWith('.spdx')) return false;
  return baseOf(path).startsWith('.spdx-');
}
