/** Names of publishers' own feeds, apart from their readers: a configuration is read at every start. */
export const nativeNames: readonly string[] = [
  'alpine-secdb',
  'amazon-updateinfo',
  'chainguard-secdb',
  'debian-tracker',
  'endoflife',
  'epss',
  'oracle-oval',
  'redhat-vex',
  'wolfi-secdb',
];

/**
 * Feeds whose terms are not for everybody, and which are asked for only by name: CC-BY-NC-ND-4.0 and a licence for
 * scanners (wolfi-dev/advisories).
 */
export const onlyNamed: readonly string[] = ['chainguard-secdb', 'wolfi-secdb'];
