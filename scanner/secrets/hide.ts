import { findSecrets } from './find.ts';

/** Secrets in one text; beyond, all of it is left out. */
const mostHidden = 50;
const quoted = `"[^"]*"?|'[^']*'?|[^\\s"']+`;
/** One word of a shell, quoted in parts perhaps: `a"b c"'d'`. */
const word = `(?:\\\\.|${quoted})+`;
/** Options and commands behind which a secret stands as a word of its own; `user:password` too. */
const options = new RegExp(
  `((?:^|\\s)-{1,2}[\\w-]*(?:pass|pwd|token|secret|key|auth|cred|user)[\\w-]*\\s+|\\s-[up]\\s+|_auth(?:Token)?\\s+)${word}`,
  'gi',
);
const assigned = new RegExp(`(=)${word}`, 'g');
/** Header fields with their value, to the quote that ends them. */
const headers = /((?:authorization|cookie|[\w-]*(?:token|key|secret|auth)[\w-]*)\s*:\s*)[^"'\n]+/gi;
/** `//user:password@`, up to the last `@` before a slash. */
const login = /(\/\/)[^\s/"']*@/g;
/** Nobody's name, and no version: what looks as if it had been drawn. */
const drawn = /(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_]{20,}(?![A-Za-z0-9_])/g;

/**
 * A command without what may be a secret: values of names, options and header fields, logins in addresses, and what any rule
 * takes for a secret.
 */
export function withoutSecrets(command: string): string {
  const bytes = Buffer.from(command);
  const { hits, all } = findSecrets(bytes, mostHidden);
  if (!all) return '…';
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of hits) {
    parts.push(bytes.toString('utf8', from, start));
    from = Math.max(from, end);
  }
  parts.push(bytes.toString('utf8', from));
  return parts
    .join('…')
    .replaceAll(login, '$1…@')
    .replaceAll(headers, '$1…')
    .replaceAll(options, '$1…')
    .replaceAll(assigned, '$1…')
    .replaceAll(drawn, '…');
}
