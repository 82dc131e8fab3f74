/**
 * Debian's releases by codename (https://www.debian.org/releases/), those to come included: their numbers are given with
 * the names. What the tracker says of testing is thus there on the day when it becomes stable.
 */
export const debianReleases: ReadonlyMap<string, string> = new Map([
  ['squeeze', '6.0'],
  ['wheezy', '7'],
  ['jessie', '8'],
  ['stretch', '9'],
  ['buster', '10'],
  ['bullseye', '11'],
  ['bookworm', '12'],
  ['trixie', '13'],
  ['forky', '14'],
  ['duke', '15'],
]);

/**
 * Not read: sid has no number, and an image of it no VERSION_ID, so that nothing could be matched with what is said of
 * it. `experimental` is no release.
 */
export const withoutNumber: ReadonlySet<string> = new Set(['sid', 'unstable', 'experimental']);
