import { describe, expect, it } from '@jest/globals';
import { declaredLicense } from './licenses.ts';

describe('licences as one SPDX expression', () => {
  it.each<[licenses: string[], expression: string | null]>([
    [[], null],
    [['', '  '], null],
    [['MIT'], 'MIT'],
    [['mit'], 'MIT'],
    [['MIT', 'MIT'], 'MIT'],
    [['MIT', 'Apache-2.0'], 'MIT AND Apache-2.0'],
    [['MIT OR Apache-2.0', 'ISC'], '(MIT OR Apache-2.0) AND ISC'],
    [['(MIT or apache-2.0)'], '(MIT OR Apache-2.0)'],
    [['GPL-2.0-only WITH Classpath-exception-2.0'], 'GPL-2.0-only WITH Classpath-exception-2.0'],
    [['GPL-2.0+ AND Zlib'], 'GPL-2.0+ AND Zlib'],
    [['EPL-2.0+'], 'EPL-2.0+'],
    [['((MIT))'], '((MIT))'],
  ])('%j', (licenses, expression) => {
    expect(declaredLicense(licenses)).toEqual({ expression, extracted: [] });
  });

  it.each<[text: string, expression: RegExp]>([
    ['Public Domain', /^LicenseRef-Public-Domain-[0-9a-f]{8}$/],
    ['SEE LICENSE IN LICENSE.md', /^LicenseRef-SEE-LICENSE-IN-LICENSE.md-[0-9a-f]{8}$/],
    ['MIT AND custom', /^MIT AND LicenseRef-custom-[0-9a-f]{8}$/],
    ['MIT WITH Something', /^LicenseRef-MIT-WITH-Something-[0-9a-f]{8}$/],
    ['MIT AND', /^LicenseRef-/],
    ['(MIT', /^LicenseRef-/],
    ['MIT)', /^LicenseRef-/],
    ['()', /^LicenseRef-[0-9a-f]{8}$/],
    ['WITH', /^LicenseRef-/],
    ['自由', /^LicenseRef-[0-9a-f]{8}$/],
    ['(MIT WITH (ISC))', /^LicenseRef-/],
    ['x'.repeat(5000), /^LicenseRef-x{40}-[0-9a-f]{8}$/],
    ['('.repeat(1900), /^LicenseRef-/],
  ])('what SPDX has no word for is kept as it is: %s', (text, expression) => {
    const declared = declaredLicense([text]);
    expect(declared.expression).toMatch(expression);
    const [reference] = declared.extracted;
    expect(reference?.extractedText.length).toBeLessThanOrEqual(2000);
    expect(declared.expression).toContain(reference?.licenseId);
  });
});
