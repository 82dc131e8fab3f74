import { feeds, laterFeeds } from '../../integration/stage.ts';
import type { OsvFeeds } from '../../support/osv.ts';

/** What all verdicts rest on. */
export interface Ground {
  readonly policy: keyof typeof policyTexts;
  readonly advisories: keyof typeof advisorySets;
  /** CVE-2026-1001 is excepted. */
  readonly excepted: boolean;
}

const rule = (severity: string): string =>
  `rules: [{ id: worst, action: deny, when: { severity: { atLeast: ${severity}, unknown: false } } }]`;

export const policyTexts = {
  critical: `version: 1\nname: model\n${rule('critical')}\n`,
  high: `version: 1\nname: model\n${rule('high')}\n`,
  nothing: 'version: 1\nname: model\nrules: []\n',
} as const;

export const advisorySets: Readonly<Record<'first' | 'later', OsvFeeds>> = {
  first: feeds,
  later: laterFeeds,
};

/** What is in an image, by what advisories say of it (see `feeds` and `laterFeeds` of the stage). */
export type Content = 'openssl' | 'zlib' | 'curl' | 'nothing' | 'uncovered';

/** What policy says of an image with this content: the whole of the gate, as the model knows it. */
export function isRefused(content: Content, { policy, advisories, excepted }: Ground): boolean {
  switch (content) {
    case 'openssl':
      return policy !== 'nothing' && !excepted;
    case 'zlib':
      return policy === 'high';
    case 'curl':
      return policy !== 'nothing' && advisories === 'later';
    case 'nothing':
      return false;
    case 'uncovered':
      return true;
  }
}

export function groundText({ policy, advisories, excepted }: Ground): string {
  return `{policy ${policy}, advisories ${advisories}${excepted ? ', excepted' : ''}}`;
}
