import type { CheckOf } from './check.ts';
import { printable } from './text.ts';

const fromElsewhere = /^(?:(?:https?|git|ssh):\/\/|git@)/i;

/** By the history, as Docker's builders write it: `ADD https://… /x # buildkit`, `/bin/sh -c #(nop) ADD …`. */
export const addFromUrl: CheckOf = {
  id: 'add-from-url',
  version: 1,
  find: ({ config }) =>
    (config?.history ?? []).flatMap((created, index) => {
      const words = created
        .replace(/^\/bin\/sh -c #\(nop\)/, '')
        .trim()
        .slice(0, 4096)
        .split(/\s+/);
      if (words[0]?.toUpperCase() !== 'ADD' || words.some((word) => word.startsWith('--checksum'))) return [];
      const source = words.find((word) => fromElsewhere.test(word));
      if (source === undefined) return [];
      return [{ detail: `step ${index + 1} of its history adds content from ${hostOf(source)}` }];
    }),
};

/** The host alone: the rest of an address may hold a password or a token. */
function hostOf(source: string): string {
  const host = URL.canParse(source) ? new URL(source).hostname : '';
  return host === '' ? 'elsewhere' : printable(host);
}
