/** Under which products advisories for a release of SUSE Linux are filed on osv.dev (`SUSE:…`, `openSUSE:…`). */
export interface SuseProducts {
  /** `15 SP5`, `Leap 15.6`. */
  readonly release: string;
  readonly always: readonly string[];
  readonly sometimes: readonly string[];
}

/** Of SLE 15 and its service packs: packages are filed under the module that has them. */
const modules15: readonly string[] = [
  'Certifications',
  'Containers',
  'Desktop Applications',
  'Development Tools',
  'HPC',
  'Legacy',
  'Live Patching',
  'Package Hub',
  'Public Cloud',
  'Python 3',
  'Python 2',
  'RT',
  'SAP Applications',
  'SUSE Manager Client Tools',
  'Server Applications',
  'Systems Management',
  'Transactional Server',
  'Web and Scripting',
];

/** Modules of SLE 12 are the same for all of its service packs. */
const modules12: readonly string[] = [
  'Advanced Systems Management',
  'Certifications',
  'Containers',
  'HPC',
  'Legacy',
  'Public Cloud',
  'Toolchain',
  'Web and Scripting',
];

const modulesNamed = (names: readonly string[], release: string): readonly string[] =>
  names.map((name) => `SUSE:Linux Enterprise Module for ${name} ${release}`);

/**
 * Longer support has products of its own, with fixes that only its customers get. They are asked too: for a release that
 * has no other support any more nothing else tells what is wrong with it.
 */
const productsOf = (release: string): readonly string[] => [
  ...['Server', 'Desktop', 'Real Time', 'Workstation Extension', 'High Availability Extension'].map(
    (name) => `SUSE:Linux Enterprise ${name} ${release}`,
  ),
  ...[
    'Live Patching',
    'Software Development Kit',
    'Server for SAP Applications',
    'Server for the Raspberry Pi',
  ].map((name) => `SUSE:Linux Enterprise ${name} ${release}`),
  ...['-LTSS', '-LTSS Extended Security', '-BCL', '-ESPOS', '-TERADATA'].map(
    (support) => `SUSE:Linux Enterprise Server ${release}${support}`,
  ),
  ...['', '-LTSS', '-ESPOS'].map(
    (support) => `SUSE:Linux Enterprise High Performance Computing ${release}${support}`,
  ),
];

/** @param versionId of `sles` and `sled`: `15.5` is 15 SP5, `15` the first 15, `16.0` a release of the new kind */
export function suseEnterprise(versionId: string): SuseProducts | null {
  const [, major = '', minor] = /^(12|15|16)(?:\.(\d{1,2}))?$/.exec(versionId) ?? [];
  if (major === '') return null;
  if (major === '16') {
    const release = `16.${minor ?? '0'}`;
    return {
      release,
      always: [`SUSE:Linux Enterprise Server ${release}`],
      sometimes: [
        `SUSE:Linux Enterprise Server for SAP applications ${release}`,
        `SUSE:Linux Enterprise High Availability Extension ${release}`,
      ],
    };
  }
  const release = minor === undefined || minor === '0' ? major : `${major} SP${Number(minor)}`;
  const products = productsOf(release);
  if (major === '12') {
    const server = `SUSE:Linux Enterprise Server ${release}`;
    return {
      release,
      always: [server],
      sometimes: [...products.filter((name) => name !== server), ...modulesNamed(modules12, '12')],
    };
  }
  return {
    release,
    always: [`SUSE:Linux Enterprise Module for Basesystem ${release}`],
    sometimes: [...products, ...modulesNamed(modules15, release)],
  };
}

/** @param versionId of `sle-micro` (`5.5`) and, from 6.0 on, `sl-micro` */
export function suseMicro(versionId: string): SuseProducts | null {
  const [, major = ''] = /^(\d{1,2})\.\d{1,2}$/.exec(versionId) ?? [];
  if (major === '') return null;
  const name = Number(major) < 6 ? 'SUSE:Linux Enterprise Micro' : 'SUSE:Linux Micro';
  return { release: `Micro ${versionId}`, always: [`${name} ${versionId}`], sometimes: [] };
}

/** @param versionId of `opensuse-leap`: `15.6` */
export function openSuseLeap(versionId: string): SuseProducts | null {
  if (!/^\d{1,2}\.\d{1,2}$/.test(versionId)) return null;
  const name = `openSUSE:Leap ${versionId}`;
  return { release: `Leap ${versionId}`, always: [name], sometimes: [`${name} NonFree`] };
}
