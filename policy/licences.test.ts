import { describe, expect, it } from '@jest/globals';
import { licenceMatcher } from './licences.ts';

describe('a rule over licences', () => {
  it.each<[patterns: string, licences: readonly string[], caught: boolean]>([
    ['GPL-*', ['GPL-3.0-only'], true],
    ['GPL-*', ['MIT'], false],
    ['GPL-*', ['LGPL-2.1-only'], false],
    ['GPL-*', ['MIT', 'GPL-2.0-or-later'], true],
    ['GPL-*', ['MIT AND GPL-3.0-only'], true],
    ['GPL-*', ['MIT OR GPL-3.0-only'], false],
    ['GPL-*', ['GPL-2.0-only OR GPL-3.0-only'], true],
    ['GPL-*', ['(MIT OR GPL-3.0-only) AND ISC'], false],
    ['GPL-*', ['(MIT OR ISC) AND (GPL-3.0-only OR GPL-2.0-only)'], true],
    ['GPL-2.0-only', ['GPL-2.0-only WITH Classpath-exception-2.0'], false],
    ['GPL-2.0-only*', ['GPL-2.0-only WITH Classpath-exception-2.0'], true],
    ['LicenseRef-Proprietary', ['LicenseRef-Proprietary'], true],
    ['LicenseRef-*', ['MIT AND LicenseRef-custom'], true],
    ['* OR *', ['MIT OR GPL-3.0-only'], true],
    ['unknown', [], true],
    ['unknown', ['MIT'], false],
    ['Our own', ['Our own'], true],
  ])('%s and %j: %s', (pattern, licences, caught) => {
    expect(licenceMatcher([pattern])(licences)).toBe(caught);
  });
});
