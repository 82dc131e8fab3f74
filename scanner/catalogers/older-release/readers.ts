import type { OperatingSystem } from '../../../core/inventory.ts';
import { fieldsOf } from '../os-release/fields.ts';
import { redHatKin } from './red-hat.ts';
import { releaseOfRepositories, repositoriesFile } from './repositories.ts';

/** What a file says, as os-release would; null: nothing that is known. */
export type ReleaseReader = (text: string) => OperatingSystem | null;

const line = (text: string): string => text.trimStart().split('\n', 1)[0]?.slice(0, 200).trim() ?? '';

/** `DISTRIB_ID=Ubuntu`, `DISTRIB_RELEASE=12.04` (Linux Standard Base; OpenWrt has the same). */
function lsb(text: string): OperatingSystem | null {
  const fields = fieldsOf(text);
  const id = (fields.get('DISTRIB_ID') ?? '').toLowerCase();
  if (!/^[a-z0-9._-]{1,64}$/.test(id)) return null;
  const versionId = fields.get('DISTRIB_RELEASE') ?? '';
  const name = fields.get('DISTRIB_DESCRIPTION') ?? `${fields.get('DISTRIB_ID') ?? id} ${versionId}`.trim();
  // Arch, and what is always as new as it gets, says so instead of a release.
  return { id, versionId: versionId === 'rolling' ? '' : versionId, name };
}

/** `3.7.3`. */
function alpine(text: string): OperatingSystem | null {
  const versionId = line(text);
  return /^[0-9]\S*$/.test(versionId) ? { id: 'alpine', versionId, name: `Alpine Linux ${versionId}` } : null;
}

/** `12.5`, of which os-release has `12`; `trixie/sid` has no number. */
function debian(text: string): OperatingSystem | null {
  const first = line(text);
  const [, versionId = ''] = /^([0-9]{1,3})(?:\.[0-9]+)*$/.exec(first) ?? [];
  if (versionId === '' && !/^[a-z]+\/sid$/.test(first)) return null;
  return { id: 'debian', versionId, name: `Debian GNU/Linux ${first}` };
}

/** `SUSE Linux Enterprise Server 11 (x86_64)`, then `VERSION = 11` and `PATCHLEVEL = 4`. */
function suse(text: string): OperatingSystem | null {
  const name = line(text);
  const fields = fieldsOf(text);
  const version = fields.get('VERSION') ?? '';
  const level = fields.get('PATCHLEVEL') ?? '0';
  if (!/^[0-9.]{1,10}$/.test(version)) return null;
  if (name.startsWith('openSUSE')) return { id: 'opensuse', versionId: version, name };
  if (!name.startsWith('SUSE Linux Enterprise')) return null;
  const versionId = /^[1-9][0-9]?$/.test(level) ? `${version}.${level}` : version;
  return { id: name.includes('Desktop') ? 'sled' : 'sles', versionId, name };
}

/** `Slackware 15.0`, `Gentoo Base System release 2.14`. */
function numbered(id: string): ReleaseReader {
  return (text) => {
    const name = line(text);
    const [versionId] = /[0-9]+(?:\.[0-9]+)*/.exec(name) ?? [];
    return versionId === undefined ? null : { id, versionId, name };
  };
}

/** Each distribution's own before those that it has for the sake of others. */
const redHatFiles = [
  ...['oracle', 'almalinux', 'rocky', 'centos', 'fedora', 'amazon-linux', 'openEuler', 'anolis', 'mageia'],
  ...['mariner', 'azurelinux', 'photon', 'system', 'redhat'],
].map((name) => `${name}-release`);

/** By path, in the order in which they count where there is no os-release. */
export const readers: ReadonlyMap<string, ReleaseReader> = new Map<string, ReleaseReader>([
  ['etc/openwrt_release', lsb],
  ['etc/lsb-release', lsb],
  ['etc/alpine-release', alpine],
  // It is empty.
  ['etc/arch-release', () => ({ id: 'arch', versionId: '', name: 'Arch Linux' })],
  ['etc/SuSE-release', suse],
  ...['etc', 'usr/lib'].flatMap((folder) =>
    redHatFiles.map((name): [string, ReleaseReader] => [
      `${folder}/${name}`,
      (text) => redHatKin(line(text)),
    ]),
  ),
  ['etc/gentoo-release', numbered('gentoo')],
  ['etc/slackware-version', numbered('slackware')],
  ['etc/debian_version', debian],
  [repositoriesFile, releaseOfRepositories],
]);
