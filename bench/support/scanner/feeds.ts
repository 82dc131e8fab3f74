import type { OsvRecord } from '../../../test/support/osv.ts';
import { osvRecord } from '../../../test/support/osv.ts';
import { names } from './layer-plans.ts';

/** Advisories about every third package of the large image, so that matching has as much to do as with real ones. */
export function benchFeeds(): Readonly<Record<string, readonly OsvRecord[]>> {
  return {
    Debian: about('Debian:12', 'DEBIAN', names.counts.debian, names.debian),
    npm: about('npm', 'GHSA', names.counts.npm, names.npm),
    PyPI: about('PyPI', 'PYSEC', names.counts.python, names.python),
  };
}

function about(
  ecosystem: string,
  prefix: string,
  count: number,
  nameOf: (nth: number) => string,
): OsvRecord[] {
  return Array.from({ length: Math.ceil(count / 3) }, (_, nth) =>
    osvRecord({
      id: `${prefix}-2026-${1000 + nth}`,
      ecosystem,
      package: nameOf(nth * 3),
      fixed: ecosystem === 'npm' ? '99.0.0' : '99',
      summary: 'made up',
    }),
  );
}
