import { apk } from './apk/index.ts';
import { binaries } from './binaries/index.ts';
import type { Cataloger, Interest } from './cataloger.ts';
import { conda } from './conda/index.ts';
import { deb, debPending } from './deb/index.ts';
import { debCopyright } from './deb-copyright/index.ts';
import { dotnet } from './dotnet/index.ts';
import { golang } from './golang/index.ts';
import { java } from './java/index.ts';
import { jdk } from './jdk/index.ts';
import { npm } from './npm/index.ts';
import { olderRelease } from './older-release/index.ts';
import { opkg, opkgControl } from './opkg/index.ts';
import { osRelease } from './os-release/index.ts';
import { pacman } from './pacman/index.ts';
import { php } from './php/index.ts';
import type { Prober } from './prober.ts';
import { python } from './python/index.ts';
import { rpm, rpmPending } from './rpm/index.ts';
import { ruby } from './ruby/index.ts';
import { rust } from './rust/index.ts';
import { sbom } from './sbom/index.ts';
import { unsupported } from './unsupported/index.ts';
import { windows } from './windows/index.ts';

/** Every cataloger there is. */
export const catalogers: readonly Cataloger[] = [
  deb,
  debPending,
  debCopyright,
  apk,
  rpm,
  rpmPending,
  pacman,
  opkg,
  opkgControl,
  npm,
  python,
  java,
  ruby,
  php,
  dotnet,
  conda,
  jdk,
  osRelease,
  olderRelease,
  windows,
  sbom,
  unsupported,
];

/** Who looks into programs. */
export const probers: readonly Prober[] = [golang, rust, binaries];

export interface Noted {
  readonly cataloger: Cataloger;
  readonly interest: Interest;
  /** Of note only if a link leads to it from a place of note. */
  readonly candidate: boolean;
}

/** Larger files of a candidate's name are something else. */
const candidateInterest: Interest = { kind: 'content', limit: 16 * 1024 ** 2 };

/** Who takes an interest in the file at this clean path. */
export function noteOf(path: string): Noted | null {
  for (const cataloger of catalogers) {
    const interest = cataloger.match(path);
    if (interest !== null) return { cataloger, interest, candidate: false };
  }
  const cataloger = catalogers.find((one) => one.isCandidate(path));
  return cataloger === undefined ? null : { cataloger, interest: candidateInterest, candidate: true };
}
