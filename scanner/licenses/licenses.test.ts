import { describe, expect, it } from '@jest/globals';
import type { PackageType } from '../../core/inventory.ts';
import { createLicenseReader } from './index.ts';

const read = (type: PackageType, ...declared: string[]): string =>
  createLicenseReader()(type, declared).licenses.join(' | ');

const classpath = 'GPL-2.0-only WITH Classpath-exception-2.0';

describe('a declaration as an SPDX expression', () => {
  const rows: readonly [type: PackageType, declared: string, expression: string][] = [
    // Expressions as they should be.
    ['npm', 'MIT', 'MIT'],
    ['npm', 'mit', 'MIT'],
    ['npm', ' MIT ', 'MIT'],
    ['npm', '(MIT or apache-2.0)', 'MIT OR Apache-2.0'],
    ['npm', '((MIT))', 'MIT'],
    ['npm', 'MIT AND MIT', 'MIT'],
    ['npm', '(MIT OR Apache-2.0) AND ISC', '(MIT OR Apache-2.0) AND ISC'],
    ['npm', 'MIT AND ISC OR Zlib', 'MIT AND ISC OR Zlib'],
    ['npm', 'GPL-2.0-only WITH Classpath-exception-2.0', classpath],
    ['npm', 'LicenseRef-scancode-x', 'LicenseRef-scancode-x'],
    ['npm', 'EPL-2.0+', 'EPL-2.0+'],
    // Identifiers that SPDX has given up.
    ['npm', 'GPL-2.0', 'GPL-2.0-only'],
    ['npm', 'GPL-2.0+', 'GPL-2.0-or-later'],
    ['npm', 'LGPL-2.1+ AND Zlib', 'LGPL-2.1-or-later AND Zlib'],
    ['npm', 'AGPL-3.0', 'AGPL-3.0-only'],
    ['npm', 'GFDL-1.3', 'GFDL-1.3-only'],
    ['npm', 'GPL-2.0-with-classpath-exception', classpath],
    ['npm', 'BSD-2-Clause-FreeBSD', 'BSD-2-Clause-Views'],
    // npm, of old and by hand.
    ['npm', 'BSD', 'LicenseRef-BSD'],
    ['npm', 'Apache 2.0', 'Apache-2.0'],
    ['npm', 'Apache-2', 'Apache-2.0'],
    ['npm', 'Apache License, Version 2.0', 'Apache-2.0'],
    ['npm', 'MIT/X11', 'MIT'],
    ['npm', 'MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    ['npm', 'MIT, Apache-2.0', 'MIT AND Apache-2.0'],
    ['npm', 'MIT || GPL-2.0', 'MIT OR GPL-2.0-only'],
    ['npm', 'Public Domain', 'LicenseRef-Public-Domain'],
    ['npm', 'UNLICENSED', 'LicenseRef-UNLICENSED'],
    ['npm', 'The Unlicense', 'Unlicense'],
    ['npm', 'SEE LICENSE IN LICENSE.md', 'LicenseRef-SEE-LICENSE-IN-LICENSE.md-a4dc62f2'],
    // Debian's copyright files.
    ['deb', 'Expat', 'MIT'],
    ['deb', 'GPL-1+', 'GPL-1.0-or-later'],
    ['deb', 'GPL-2', 'GPL-2.0-only'],
    ['deb', 'GPL-2+', 'GPL-2.0-or-later'],
    ['deb', 'GPL-3+', 'GPL-3.0-or-later'],
    ['deb', 'LGPL-2', 'LGPL-2.0-only'],
    ['deb', 'LGPL-2.1+', 'LGPL-2.1-or-later'],
    ['deb', 'LGPL-3+', 'LGPL-3.0-or-later'],
    ['deb', 'GFDL-1.3+', 'GFDL-1.3-or-later'],
    ['deb', 'GFDL-NIV-1.3+', 'GFDL-1.3-no-invariants-or-later'],
    ['deb', 'BSD-2-clause', 'BSD-2-Clause'],
    ['deb', 'BSD-3-clause', 'BSD-3-Clause'],
    ['deb', 'BSD-4-clause', 'BSD-4-Clause'],
    ['deb', 'Apache-2.0', 'Apache-2.0'],
    ['deb', 'Artistic', 'Artistic-1.0-Perl'],
    ['deb', 'Artistic or GPL-1+', 'Artistic-1.0-Perl OR GPL-1.0-or-later'],
    [
      'deb',
      'GPL-2+ or Artistic-2.0, and BSD-3-clause',
      '(GPL-2.0-or-later OR Artistic-2.0) AND BSD-3-Clause',
    ],
    ['deb', 'GPL-2+ and Expat', 'GPL-2.0-or-later AND MIT'],
    ['deb', 'GPL-2+ with Autoconf exception', 'GPL-2.0-or-later WITH Autoconf-exception-2.0'],
    ['deb', 'GPL-3+ with Autoconf exception', 'GPL-3.0-or-later WITH Autoconf-exception-3.0'],
    ['deb', 'GPL-3+ with Bison exception', 'GPL-3.0-or-later WITH Bison-exception-2.2'],
    ['deb', 'GPL-2+ with OpenSSL exception', 'LicenseRef-GPL-2-with-OpenSSL-exception-a0de130f'],
    ['deb', 'public-domain', 'LicenseRef-Public-Domain'],
    ['deb', 'PSF-2', 'PSF-2.0'],
    ['deb', 'Zlib', 'Zlib'],
    ['deb', 'CC0', 'CC0-1.0'],
    ['deb', 'MPL-1.1', 'MPL-1.1'],
    ['deb', 'ISC', 'ISC'],
    // Fedora's and SUSE's short names.
    ['rpm', 'GPL+', 'GPL-1.0-or-later'],
    ['rpm', 'GPLv2', 'GPL-2.0-only'],
    ['rpm', 'GPLv2+', 'GPL-2.0-or-later'],
    ['rpm', 'GPLv3+', 'GPL-3.0-or-later'],
    ['rpm', 'LGPLv2', 'LGPL-2.0-only'],
    ['rpm', 'LGPLv2+', 'LGPL-2.0-or-later'],
    ['rpm', 'LGPLv2.1+', 'LGPL-2.1-or-later'],
    ['rpm', 'LGPLv3', 'LGPL-3.0-only'],
    ['rpm', 'AGPLv3+', 'AGPL-3.0-or-later'],
    ['rpm', 'GFDL', 'GFDL-1.1-or-later'],
    ['rpm', 'ASL 1.1', 'Apache-1.1'],
    ['rpm', 'ASL 2.0', 'Apache-2.0'],
    ['rpm', 'LGPLv2+ and MIT', 'LGPL-2.0-or-later AND MIT'],
    ['rpm', 'GPL+ or Artistic', 'GPL-1.0-or-later OR Artistic-1.0-Perl'],
    ['rpm', '(GPL+ or Artistic) and BSD', '(GPL-1.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-BSD'],
    [
      'rpm',
      'GPLv2+ and LGPLv2+ with exceptions',
      'GPL-2.0-or-later AND LicenseRef-LGPLv2-with-exceptions-17ab3b43',
    ],
    ['rpm', 'BSD with advertising', 'BSD-4-Clause'],
    ['rpm', 'BSD with advertising and MIT', 'BSD-4-Clause AND MIT'],
    ['rpm', 'MPLv1.1', 'MPL-1.1'],
    ['rpm', 'MPLv2.0', 'MPL-2.0'],
    ['rpm', 'Boost and MIT', 'BSL-1.0 AND MIT'],
    ['rpm', 'OpenLDAP', 'OLDAP-2.8'],
    ['rpm', 'Python', 'Python-2.0'],
    ['rpm', 'OFL', 'OFL-1.1'],
    ['rpm', 'zlib and GPLv3+', 'Zlib AND GPL-3.0-or-later'],
    ['rpm', 'Public Domain', 'LicenseRef-Public-Domain'],
    ['rpm', 'Public Domain and GPLv2', 'LicenseRef-Public-Domain AND GPL-2.0-only'],
    [
      'rpm',
      'Redistributable, no modification permitted',
      'LicenseRef-Redistributable-no-modification-permitte-f5ad17e5',
    ],
    ['rpm', 'GPL-2.0-or-later AND (LGPL-2.1-only OR MIT)', 'GPL-2.0-or-later AND (LGPL-2.1-only OR MIT)'],
    ['rpm', 'SUSE-Public-Domain', 'LicenseRef-SUSE-Public-Domain'],
    // Alpine, Arch, OpenWrt.
    ['apk', 'GPL-2.0-or-later', 'GPL-2.0-or-later'],
    ['apk', 'MIT BSD GPL2+', 'MIT AND LicenseRef-BSD AND GPL-2.0-or-later'],
    ['apk', 'custom', 'LicenseRef-custom'],
    ['apk', 'MIT AND custom', 'MIT AND LicenseRef-custom'],
    ['apk', 'GPL2 or-later', 'GPL-2.0-or-later'],
    ['alpm', 'GPL2', 'GPL-2.0-only'],
    ['alpm', 'LGPL2.1', 'LGPL-2.1-only'],
    ['alpm', 'LGPL3', 'LGPL-3.0-only'],
    ['alpm', 'Apache', 'Apache-2.0'],
    ['alpm', 'GPL', 'GPL-1.0-or-later'],
    ['alpm', 'custom:BSD', 'LicenseRef-custom-BSD-84b34d9d'],
    ['opkg', 'GPL-2.0-or-later BSD-3-Clause', 'GPL-2.0-or-later AND BSD-3-Clause'],
    ['opkg', 'GPL-2.0-only & MIT', 'GPL-2.0-only AND MIT'],
    // PyPI.
    ['pypi', 'License :: OSI Approved :: MIT License', 'MIT'],
    ['pypi', 'License :: OSI Approved :: BSD License', 'LicenseRef-BSD'],
    ['pypi', 'License :: OSI Approved :: Apache Software License', 'Apache-2.0'],
    ['pypi', 'License :: OSI Approved :: Python Software Foundation License', 'PSF-2.0'],
    ['pypi', 'License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)', 'MPL-2.0'],
    ['pypi', 'License :: OSI Approved :: ISC License (ISCL)', 'ISC'],
    ['pypi', 'License :: OSI Approved :: The Unlicense (Unlicense)', 'Unlicense'],
    ['pypi', 'License :: OSI Approved :: GNU General Public License (GPL)', 'GPL-1.0-or-later'],
    ['pypi', 'License :: OSI Approved :: GNU General Public License v2 (GPLv2)', 'GPL-2.0-only'],
    [
      'pypi',
      'License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)',
      'GPL-3.0-or-later',
    ],
    [
      'pypi',
      'License :: OSI Approved :: GNU Lesser General Public License v3 or later (LGPLv3+)',
      'LGPL-3.0-or-later',
    ],
    [
      'pypi',
      'License :: OSI Approved :: GNU Library or Lesser General Public License (LGPL)',
      'LGPL-2.0-or-later',
    ],
    ['pypi', 'License :: OSI Approved :: GNU Affero General Public License v3', 'AGPL-3.0-only'],
    ['pypi', 'License :: OSI Approved', ''],
    ['pypi', 'License :: Public Domain', 'LicenseRef-Public-Domain'],
    ['pypi', 'License :: Other/Proprietary License', 'LicenseRef-Proprietary'],
    ['pypi', 'License :: CC0 1.0 Universal (CC0 1.0) Public Domain Dedication', 'CC0-1.0'],
    ['pypi', 'BSD 3-Clause', 'BSD-3-Clause'],
    ['pypi', '3-Clause BSD License', 'BSD-3-Clause'],
    ['pypi', 'BSD-3-Clause License', 'BSD-3-Clause'],
    ['pypi', 'New BSD', 'BSD-3-Clause'],
    ['pypi', 'MIT License', 'MIT'],
    ['pypi', 'The MIT License (MIT)', 'MIT'],
    ['pypi', 'Dual License', 'LicenseRef-Dual-License-199628dd'],
    ['pypi', 'PSF', 'PSF-2.0'],
    ['pypi', 'LGPL', 'LGPL-2.0-or-later'],
    ['pypi', 'GPL (>= 2)', 'GPL-2.0-or-later'],
    ['pypi', 'GNU GPLv3', 'GPL-3.0-only'],
    ['pypi', 'LGPL with exceptions', 'LicenseRef-LGPL-with-exceptions-c5bcb7ff'],
    ['pypi', 'UNKNOWN', ''],
    // Maven.
    ['maven', 'The Apache Software License, Version 2.0', 'Apache-2.0'],
    ['maven', 'Apache License 2.0', 'Apache-2.0'],
    ['maven', 'Apache License, version 2.0', 'Apache-2.0'],
    ['maven', 'The MIT License', 'MIT'],
    ['maven', 'Eclipse Public License - v 1.0', 'EPL-1.0'],
    ['maven', 'Eclipse Public License v. 2.0', 'EPL-2.0'],
    ['maven', 'EDL 1.0', 'BSD-3-Clause'],
    ['maven', 'GPL2 w/ CPE', classpath],
    ['maven', 'CDDL + GPLv2 with classpath exception', `CDDL-1.1 OR ${classpath}`],
    ['maven', 'GNU General Public License, version 2, with the Classpath Exception', classpath],
    ['maven', 'GNU Lesser General Public License', 'LGPL-2.0-or-later'],
    ['maven', 'GNU LESSER GENERAL PUBLIC LICENSE, Version 2.1', 'LGPL-2.1-only'],
    ['maven', 'COMMON DEVELOPMENT AND DISTRIBUTION LICENSE (CDDL) Version 1.0', 'CDDL-1.0'],
    ['maven', 'Bouncy Castle Licence', 'MIT'],
    ['maven', 'BSD 3-Clause "New" or "Revised" License', 'BSD-3-Clause'],
    ['maven', 'Go License', 'BSD-3-Clause'],
    ['maven', 'https://www.apache.org/licenses/LICENSE-2.0.txt', 'Apache-2.0'],
    ['maven', 'http://www.apache.org/licenses/LICENSE-2.0', 'Apache-2.0'],
    ['maven', 'https://opensource.org/licenses/MIT', 'MIT'],
    ['maven', 'http://www.opensource.org/licenses/mit-license.php', 'MIT'],
    ['maven', 'https://www.gnu.org/licenses/old-licenses/lgpl-2.1.en.html', 'LGPL-2.1-only'],
    ['maven', 'http://www.gnu.org/licenses/gpl-3.0.html', 'GPL-3.0-only'],
    ['maven', 'https://www.eclipse.org/legal/epl-v10.html', 'EPL-1.0'],
    ['maven', 'http://creativecommons.org/publicdomain/zero/1.0/', 'CC0-1.0'],
    ['maven', 'https://creativecommons.org/licenses/by/4.0/', 'CC-BY-4.0'],
    ['maven', 'http://www.mozilla.org/MPL/2.0/', 'MPL-2.0'],
    ['maven', 'https://example.org/license', 'LicenseRef-https-example.org-license-96c33876'],
    // RubyGems, Cargo, NuGet, conda.
    ['gem', "Ruby's", 'Ruby'],
    ['gem', 'Nonstandard', 'LicenseRef-Nonstandard'],
    ['gem', 'Apache License (2.0)', 'Apache-2.0'],
    ['gem', 'Simplified BSD', 'BSD-2-Clause'],
    ['cargo', 'MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    [
      'cargo',
      'Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT',
      'Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT',
    ],
    ['cargo', 'Unlicense/MIT', 'Unlicense OR MIT'],
    ['nuget', 'https://licenses.nuget.org/MIT', 'MIT'],
    ['nuget', 'https://licenses.nuget.org/Apache-2.0%20OR%20MIT', 'Apache-2.0 OR MIT'],
    ['nuget', 'https://licenses.nuget.org/%ZZ', 'LicenseRef-https-licenses.nuget.org-ZZ-d76b57c1'],
    ['nuget', 'MS-PL', 'MS-PL'],
    ['nuget', 'Microsoft Public License', 'MS-PL'],
    ['conda', 'BSD-3-Clause AND MIT', 'BSD-3-Clause AND MIT'],
    ['conda', 'LGPL 2.1', 'LGPL-2.1-only'],
    ['conda', 'Proprietary', 'LicenseRef-Proprietary'],
  ];
  it.each(rows)('%s: %s', (type, declared, expression) => {
    expect(read(type, declared)).toBe(expression);
  });

  it.each<[type: PackageType, declared: readonly string[], licenses: readonly string[]]>([
    ['gem', ['MIT', 'Ruby'], ['MIT', 'Ruby']],
    ['npm', ['MIT', 'MIT License'], ['MIT']],
    ['composer', ['MIT', 'GPL-3.0-or-later'], ['MIT OR GPL-3.0-or-later']],
    ['composer', ['MIT'], ['MIT']],
    ['composer', [], []],
    ['npm', ['', ' ', 'NOASSERTION'], []],
  ])('%s: several declarations %j', (type, declared, licenses) => {
    expect(createLicenseReader()(type, declared)).toEqual({ licenses });
  });
});

describe('what SPDX has no word for', () => {
  it.each<[declared: string, name: RegExp]>([
    ['MIT AND', /^LicenseRef-MIT-AND-[0-9a-f]{8}$/],
    ['()', /^LicenseRef-[0-9a-f]{8}$/],
    ['WITH', /^LicenseRef-WITH$/],
    ['MIT WITH Something', /^LicenseRef-MIT-WITH-Something-[0-9a-f]{8}$/],
    ['自由', /^LicenseRef-[0-9a-f]{8}$/],
    ['(MIT WITH (ISC))', /^LicenseRef-/],
    ['x'.repeat(5000), /^LicenseRef-x{40}-[0-9a-f]{8}$/],
    ['('.repeat(1900), /^LicenseRef-/],
    [`${'('.repeat(40)}MIT OR ISC${')'.repeat(40)}`, /^LicenseRef-MIT-OR-ISC-[0-9a-f]{8}$/],
    ['see the file LICENSE or MIT or whatever you like best of all these', /^LicenseRef-/],
  ])('is kept under a name of its own, with the words beside it', (declared, name) => {
    const { licenses, licenseTexts } = createLicenseReader()('npm', [declared]);
    expect(licenses).toHaveLength(1);
    expect(licenses[0]).toMatch(name);
    expect(licenseTexts).toEqual([declared.slice(0, 2000)]);
  });

  it('has the same name for the same words alone', () => {
    expect(read('npm', 'My licence, 1')).toBe(read('deb', 'My licence, 1'));
    expect(read('npm', 'My licence, 1')).not.toBe(read('npm', 'My licence; 1'));
  });

  it.each<[what: string, unit: string]>([
    ['spaces', ' '],
    ['commas', ', '],
    ['slashes', '/ '],
    ['words', 'or later '],
    ['brackets', '( '],
    ['ands', ' and MIT'],
    ['digits', '1.'],
  ])('hostile declarations take no longer than their length: %s', (_, unit) => {
    const licensesOf = createLicenseReader();
    for (let at = 0; at < 200; at += 1) {
      const declared = `GPL ${unit.repeat(1900 / unit.length)}${at}`;
      expect(licensesOf('deb', [declared]).licenses.length).toBe(1);
    }
  });
});
