import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Package, PackageType } from '../../../../core/inventory.ts';
import { must } from '../../../../test/e2e/support/run.ts';
import { type Listed, type PackageList, rowsOf } from '../listed.ts';

/** All of a distribution's packages, with architecture and source. */
function systemPackages(packages: readonly Package[], type: PackageType): Listed[] {
  return packages
    .filter((one) => one.type === type)
    .map(({ name, version, arch, source }) => ({
      type,
      name,
      version,
      detail: `${arch ?? ''} of ${source.name} ${source.version}`,
      place: '',
    }));
}

const dpkgFields = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version'];

export const dpkg: PackageList = {
  name: 'dpkg',
  source: 'dpkg-query -W --admindir=ROOT/var/lib/dpkg',
  async read(root) {
    const format = `\${db:Status-Status}\\t${dpkgFields.map((field) => `\${${field}}`).join('\\t')}\\n`;
    const text = await must('dpkg-query', [`--admindir=${join(root, 'var/lib/dpkg')}`, '-W', '-f', format]);
    return rowsOf(text, dpkgFields.length + 1)
      .filter(([status]) => status !== 'not-installed' && status !== 'config-files')
      .map(([, name = '', version = '', arch = '', source = '', sourceVersion = '']) => ({
        type: 'deb',
        name,
        version,
        detail: `${arch} of ${source} ${sourceVersion}`,
        place: '',
      }));
  },
  ours: (packages) => systemPackages(packages, 'deb'),
};

const apkLine = /^(\S+)-([^-\s]+-r\d+) (\S+) \{([^}]*)\} .*\[installed\]$/;

/** apk of the root itself, so the root has to be one for this machine. A source has the version of its package. */
export const apk: PackageList = {
  name: 'apk',
  source: 'apk list -I, in the root',
  async read(root) {
    const text = await must('chroot', [root, '/sbin/apk', 'list', '-I']);
    return linesOf(text).map((line) => {
      const [, name = '', version = '', arch = '', origin = ''] = apkLine.exec(line) ?? [];
      if (name === '') throw new Error(`apk list -I wrote a line that is not understood: ${line}`);
      return { type: 'apk', name, version, detail: `${arch} of ${origin} ${version}`, place: '' };
    });
  },
  ours: (packages) => systemPackages(packages, 'apk'),
};

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('WARNING'));
}

const rpmPlaces = ['usr/lib/sysimage/rpm', 'var/lib/rpm', 'usr/share/rpm'];

export const rpm: PackageList = {
  name: 'rpm',
  source: 'rpm -qa --dbpath ROOT/var/lib/rpm',
  async read(root) {
    const place = rpmPlaces.find((one) => existsSync(join(root, one)));
    if (place === undefined) throw new Error(`${root} has no rpm database in ${rpmPlaces.join(', ')}`);
    const epoch = '%|EPOCH?{%{EPOCH}:}:{}|';
    const format = `%{NAME}\\t${epoch}%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n`;
    const text = await must('rpm', ['-qa', '--dbpath', resolve(root, place), '--qf', format]);
    return rowsOf(text, 4).map(([name = '', version = '', arch = '', source = '']) => ({
      type: 'rpm',
      name,
      version: version.replace(/^0:/, ''),
      detail: `${arch} of ${sourceText(source)}`,
      place: '',
    }));
  },
  ours: (packages) => systemPackages(packages, 'rpm'),
};

function sourceText(file: string): string {
  const [, name = '', version = ''] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file) ?? [];
  return `${name} ${version}`;
}
