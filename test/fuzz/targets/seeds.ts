import type { Input } from '../target.ts';

/** What a cataloger's inputs are made of. */
export interface Seeds {
  readonly seeds: () => readonly Input[];
  readonly words: readonly string[];
}

/** A file of lines. */
export const text = (path: string, ...lines: readonly string[]): Input => ({
  path,
  bytes: Buffer.from(lines.join('\n')),
});

export const json = (path: string, value: unknown): Input => ({
  path,
  bytes: Buffer.from(JSON.stringify(value)),
});
export const jsonWords = [
  '{',
  '[',
  '}',
  ']',
  '":"',
  '"',
  ',',
  ':',
  'null',
  '{"a":',
  '\\u0000',
  '\ufeff',
  '__proto__',
];
