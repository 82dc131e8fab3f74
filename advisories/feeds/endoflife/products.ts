/** How endoflife.date files a system whose end of support is of interest. */
export interface EndOfLifeProduct {
  /** os-release's ID of a release, by the name that the release has there. */
  readonly os: (name: string) => string;
  /** Its VERSION_ID. */
  readonly release: (name: string) => string;
  /**
   * Which date is meant, in the words of advisories/end-of-life.ts. `eol` is the end of what everybody gets: standard
   * maintenance for Ubuntu, maintenance support for the RHEL family, general support for SUSE. `eoes` is Debian's LTS,
   * which is for everybody too.
   */
  readonly end: 'eol' | 'eoes';
  /**
   * endoflife.date takes a release for supported on the day that it names. Alpine's own page gives the first of a month,
   * and advisories/end-of-life.ts has that as the first day without.
   */
  readonly day: 'last' | 'first-without';
}

const same = (name: string): string => name;

function product(os: string, more: Partial<EndOfLifeProduct> = {}): EndOfLifeProduct {
  return { os: () => os, release: same, end: 'eol', day: 'last', ...more };
}

/** SLES 15 without a service pack is `15.0` there and `15` in os-release; from 16 on the `.0` is part of it. */
function slesRelease(name: string): string {
  const match = /^(1[0-5])\.0$/.exec(name);
  return match?.[1] ?? name;
}

/** Leap has an ID of its own since 15; before it (42.x, 13.x) there was one openSUSE. */
function openSuseId(name: string): string {
  const major = Number.parseInt(name, 10);
  return major >= 15 && major < 42 ? 'opensuse-leap' : 'opensuse';
}

/** By the name that they have at endoflife.date. */
export const endOfLifeProducts: ReadonlyMap<string, EndOfLifeProduct> = new Map([
  ['debian', product('debian', { end: 'eoes' })],
  ['ubuntu', product('ubuntu')],
  ['alpine-linux', product('alpine', { day: 'first-without' })],
  ['rhel', product('rhel')],
  ['rocky-linux', product('rocky')],
  ['almalinux', product('almalinux')],
  ['oracle-linux', product('ol')],
  ['amazon-linux', product('amzn')],
  ['sles', product('sles', { release: slesRelease })],
  ['opensuse', product('opensuse-leap', { os: openSuseId })],
  ['fedora', product('fedora')],
]);
