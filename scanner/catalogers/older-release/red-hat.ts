import type { OperatingSystem } from '../../../core/inventory.ts';

/** os-release's ID by how the system calls itself, longer names before those that they begin with. */
const ids: readonly (readonly [beginning: string, id: string])[] = [
  ['Red Hat Enterprise Linux', 'rhel'],
  ['CentOS', 'centos'],
  ['Fedora', 'fedora'],
  ['Oracle Linux', 'ol'],
  ['Enterprise Linux Enterprise Linux', 'ol'],
  ['Amazon Linux', 'amzn'],
  ['AlmaLinux', 'almalinux'],
  ['Rocky Linux', 'rocky'],
  ['Scientific Linux', 'scientific'],
  ['CloudLinux', 'cloudlinux'],
  ['EuroLinux', 'eurolinux'],
  ['openEuler', 'openeuler'],
  ['Anolis OS', 'anolis'],
  ['Mageia', 'mageia'],
  ['CBL-Mariner', 'mariner'],
  ['Azure Linux', 'azurelinux'],
  ['VMware Photon', 'photon'],
];

/** The one line by which Red Hat's kin told its release: `CentOS release 6.10 (Final)`, `CentOS Linux release 7.9.2009 (Core)`. */
export function redHatKin(line: string): OperatingSystem | null {
  const id = ids.find(([beginning]) => line.startsWith(beginning))?.[1];
  const [, number] = /\s(?:release\s+)?([0-9]+(?:\.[0-9]+)*)(?:\s|$)/.exec(line) ?? [];
  if (id === undefined || number === undefined) return null;
  return { id, versionId: versionIdOf(id, number), name: line };
}

/** What os-release would have: CentOS tells the major release alone, Amazon Linux the year. */
function versionIdOf(id: string, number: string): string {
  const [major = number, minor] = number.split('.');
  if (id === 'centos' || (id === 'amzn' && major >= '2019')) return major;
  return minor === undefined ? major : `${major}.${minor}`;
}
