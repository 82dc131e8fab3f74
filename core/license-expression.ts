import { licenseExceptions, licenseIds } from './license-ids.ts';

/** A licence expression (SPDX 2.3, annex D). */
export type LicenseExpression = SingleLicense | JoinedLicenses;

export interface SingleLicense {
  readonly kind: 'license';
  /** Of the SPDX list in its own spelling, perhaps with a `+`; or a `LicenseRef-`. */
  readonly id: string;
  readonly exception: string | null;
}

export interface JoinedLicenses {
  /** `and`: all of them hold at once. `or`: whoever uses it chooses. */
  readonly kind: 'and' | 'or';
  /** Two at least. */
  readonly parts: readonly LicenseExpression[];
}

/** Characters, words and brackets within brackets; real expressions stay far below. */
export const licenseLimits = { characters: 2000, tokens: 400, depth: 30 } as const;

const reference = /^(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+$/;

/** null: it is no expression, or names a licence that is not in the SPDX list. Never throws; linear. */
export function parseLicenseExpression(text: string): LicenseExpression | null {
  return parseLicenseWords(text, knownLicense, knownException);
}

/**
 * Reads words that are joined by "and", "or" and "with" in any case of letters. What stands between them may be several
 * words; the callers say what they mean.
 * @param license null: it is none, and so the whole is no expression
 */
export function parseLicenseWords(
  text: string,
  license: (words: string) => LicenseExpression | null,
  exception: (words: string, of: SingleLicense) => string | null,
): LicenseExpression | null {
  if (text.length > licenseLimits.characters) return null;
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length > licenseLimits.tokens) return null;
  const reader = new Reader(tokens, license, exception);
  return reader.whole();
}

class Reader {
  readonly #tokens: readonly string[];
  readonly #license: (words: string) => LicenseExpression | null;
  readonly #exception: (words: string, of: SingleLicense) => string | null;
  #at = 0;

  constructor(
    tokens: readonly string[],
    license: (words: string) => LicenseExpression | null,
    exception: (words: string, of: SingleLicense) => string | null,
  ) {
    this.#tokens = tokens;
    this.#license = license;
    this.#exception = exception;
  }

  whole(): LicenseExpression | null {
    const found = this.#joined('or', 0);
    return this.#at === this.#tokens.length ? found : null;
  }

  /** "and" binds closer than "or". */
  #joined(kind: 'and' | 'or', depth: number): LicenseExpression | null {
    if (depth > licenseLimits.depth) return null;
    const parts: LicenseExpression[] = [];
    do {
      const part = kind === 'or' ? this.#joined('and', depth) : this.#operand(depth);
      if (part === null) return null;
      parts.push(part);
    } while (this.#take(kind));
    return joinLicenses(kind, parts);
  }

  #operand(depth: number): LicenseExpression | null {
    if (this.#take('(')) {
      const inner = this.#joined('or', depth + 1);
      return this.#take(')') ? inner : null;
    }
    const words = this.#words();
    if (words === '') return null;
    const start = this.#at;
    if (!this.#take('with')) return this.#license(words);
    const behind = this.#words();
    if (behind === '') return null;
    const found = this.#license(words);
    const exception = found?.kind === 'license' ? this.#exception(behind, found) : null;
    if (found?.kind === 'license' && exception !== null) return { ...found, exception };
    // Not an exception but part of a name: "BSD with advertising".
    return this.#license(`${words} ${this.#tokens[start] ?? 'with'} ${behind}`);
  }

  #words(): string {
    const start = this.#at;
    while (this.#at < this.#tokens.length && !isOperator(this.#tokens[this.#at])) this.#at += 1;
    return this.#tokens.slice(start, this.#at).join(' ');
  }

  #take(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }
}

const operators = new Set(['and', 'or', 'with', '(', ')']);

function isOperator(token: string | undefined): boolean {
  return token !== undefined && operators.has(token.toLowerCase());
}

/** One licence by its identifier, without regard to case (annex D.2); a `+` behind it means "or later". */
export function knownLicense(id: string): LicenseExpression | null {
  if (reference.test(id)) return { kind: 'license', id, exception: null };
  const lower = id.toLowerCase();
  const whole = licenseIds.get(lower);
  if (whole !== undefined) return single(whole);
  const bare = lower.endsWith('+') ? licenseIds.get(lower.slice(0, -1)) : undefined;
  if (bare === undefined || bare.includes(' ')) return null;
  if (bare.endsWith('-or-later')) return single(bare);
  return single(bare.endsWith('-only') ? bare.replace(/-only$/, '-or-later') : `${bare}+`);
}

/** Of the table of identifiers: `ID` or `ID WITH EXCEPTION`. */
function single(text: string): SingleLicense {
  const [id = '', exception = null] = text.split(' WITH ');
  return { kind: 'license', id, exception };
}

function knownException(words: string): string | null {
  return licenseExceptions.get(words.toLowerCase()) ?? null;
}

/** What is the same is told once, and what is joined in the same way is joined at once. */
export function joinLicenses(
  kind: 'and' | 'or',
  parts: readonly LicenseExpression[],
): LicenseExpression | null {
  const flat = new Map<string, LicenseExpression>();
  for (const part of parts) {
    for (const one of part.kind === kind ? part.parts : [part]) flat.set(formatLicense(one), one);
  }
  const [first = null, ...rest] = flat.values();
  return first === null || rest.length === 0 ? first : { kind, parts: [first, ...rest] };
}

export function formatLicense(expression: LicenseExpression): string {
  if (expression.kind === 'license') {
    return expression.exception === null ? expression.id : `${expression.id} WITH ${expression.exception}`;
  }
  const { kind, parts } = expression;
  return parts
    .map((part) => (part.kind === 'or' && kind === 'and' ? `(${formatLicense(part)})` : formatLicense(part)))
    .join(kind === 'and' ? ' AND ' : ' OR ');
}

/**
 * Whether one has to do with a licence that is asked for, whichever one chooses: any of those that hold at once, all of
 * those that one may choose from.
 * @param asked gets `MIT`, or `GPL-2.0-only WITH Classpath-exception-2.0`
 */
export function bindsTo(expression: LicenseExpression, asked: (license: string) => boolean): boolean {
  switch (expression.kind) {
    case 'license':
      return asked(formatLicense(expression));
    case 'and':
      return expression.parts.some((part) => bindsTo(part, asked));
    case 'or':
      return expression.parts.every((part) => bindsTo(part, asked));
  }
}

/** The names in it that stand for texts of its own (`LicenseRef-`). */
export function referencesIn(expression: LicenseExpression): readonly string[] {
  if (expression.kind !== 'license') return expression.parts.flatMap(referencesIn);
  return expression.id.includes('LicenseRef-') ? [expression.id] : [];
}
