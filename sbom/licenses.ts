import { createHash } from 'node:crypto';
import { licenseExceptions, licenseIds } from './license-ids.ts';

/** A licence text that is no SPDX expression, under the name by which a document refers to it. */
export interface ExtractedLicense {
  readonly licenseId: string;
  readonly extractedText: string;
}

export interface DeclaredLicense {
  /** A valid SPDX licence expression (SPDX 2.3, annex D); null where nothing was declared. */
  readonly expression: string | null;
  /** What the expression's `LicenseRef-` names stand for. */
  readonly extracted: readonly ExtractedLicense[];
}

const longest = 2000;
const mostTokens = 400;

/** Package managers' licence fields as one expression; words that SPDX does not know become `LicenseRef-` names. */
export function declaredLicense(licenses: readonly string[]): DeclaredLicense {
  const texts = [...new Set(licenses.map((text) => text.trim()))].filter((text) => text !== '');
  const parsed = texts.map((text) => expressionOf(text) ?? reference(text));
  const parts = parsed.map(({ expression }) => expression).filter((expression) => expression !== null);
  const joined = parts.length > 1 ? parts.map((part) => (part.includes(' ') ? `(${part})` : part)) : parts;
  return {
    expression: joined.length === 0 ? null : joined.join(' AND '),
    extracted: parsed.flatMap(({ extracted }) => extracted),
  };
}

function reference(text: string): DeclaredLicense {
  const extractedText = text.slice(0, longest);
  const words = extractedText
    .replaceAll(/[^A-Za-z0-9.]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const licenseId = `LicenseRef-${words === '' ? hash : `${words}-${hash}`}`;
  return { expression: licenseId, extracted: [{ licenseId, extractedText }] };
}

/** The expression with SPDX's own spelling, or null where it is none. */
function expressionOf(text: string): DeclaredLicense | null {
  const tokens = text.slice(0, longest).match(/[()]|[^\s()]+/g) ?? [];
  if (text.length > longest || tokens.length > mostTokens) return null;
  const out: string[] = [];
  const extracted: ExtractedLicense[] = [];
  let depth = 0;
  // What may come next: an operand, or an operator and what closes.
  let operand = true;
  for (const [at, token] of tokens.entries()) {
    const word = token.toUpperCase();
    if (token === '(' && operand) depth += 1;
    else if (token === ')' && !operand && depth > 0) depth -= 1;
    else if ((word === 'AND' || word === 'OR') && !operand) operand = true;
    else if (word === 'WITH' && !operand && licenseIds.has(idKey(tokens[at - 1] ?? ''))) operand = true;
    else if (operand && operator(token) === null) operand = false;
    else return null;
    const known =
      tokens[at - 1]?.toUpperCase() === 'WITH' ? exception(token) : (operator(token) ?? license(token));
    if (known === null) return null;
    out.push(known.expression ?? '');
    extracted.push(...known.extracted);
  }
  if (operand || depth > 0) return null;
  return { expression: out.join(' ').replaceAll('( ', '(').replaceAll(' )', ')'), extracted };
}

function operator(token: string): DeclaredLicense | null {
  const word = token.toUpperCase();
  const is = word === '(' || word === ')' || word === 'AND' || word === 'OR' || word === 'WITH';
  return is ? { expression: word, extracted: [] } : null;
}

function exception(token: string): DeclaredLicense | null {
  const expression = licenseExceptions.get(token.toLowerCase());
  return expression === undefined ? null : { expression, extracted: [] };
}

/** Identifiers are compared without regard to case (annex D.2); a `+` behind one means "or later". */
function license(token: string): DeclaredLicense {
  const id = licenseIds.get(idKey(token));
  if (id === undefined) return reference(token);
  return { expression: token.endsWith('+') && !id.endsWith('+') ? `${id}+` : id, extracted: [] };
}

function idKey(token: string): string {
  const lower = token.toLowerCase();
  return licenseIds.has(lower) || !lower.endsWith('+') ? lower : lower.slice(0, -1);
}
