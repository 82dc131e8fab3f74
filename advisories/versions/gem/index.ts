import type { VersionScheme } from '../scheme.ts';
import { compareGemVersions } from './compare.ts';

/**
 * As Gem::Version of RubyGems orders them. Not by the package @renovatebot/ruby-semver (4.1.3): it orders letters by
 * locale, so that `1.0.RC1` comes behind `1.0.beta1`, where Ruby orders them by bytes; and it reads `1beta`, which
 * RubyGems refuses.
 */
export const gem: VersionScheme = { name: 'gem', compare: compareGemVersions };
