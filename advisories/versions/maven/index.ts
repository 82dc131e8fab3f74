import type { VersionScheme } from '../scheme.ts';
import { compareMavenVersions } from './compare.ts';

/**
 * Maven's own order (POM reference, "Version Order Specification"). Where Maven 3.8's ComparableVersion orders
 * versions in a circle (a word between two dots, a zero before a dash: `1.alpha.5`, `1-0-x`), a word after a dot is
 * taken as after a dash, as the specification says, and a zero counts as a number.
 */
export const maven: VersionScheme = { name: 'maven', compare: compareMavenVersions };
