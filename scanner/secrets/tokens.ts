import { entropyOf, hasChecksum } from './measure.ts';
import { by, type SecretRule } from './rule.ts';

/** Bits per character. Words and placeholders have less, random characters of these alphabets more. */
const random = 3.2;

/** Whether the first group is no placeholder. */
const looksRandom = ([, body = '']: readonly string[]): boolean => entropyOf(body) >= random;

const clientSecretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~.-';

/** Tokens that their maker has given a prefix of their own. */
export const tokens: readonly SecretRule[] = [
  {
    id: 'github-token',
    what: 'a GitHub token',
    certain: true,
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'],
    find: by(/(?<![A-Za-z0-9_])gh[pousr]_([A-Za-z0-9]{36})(?![A-Za-z0-9_])/y, ([, body = '']) =>
      hasChecksum(body),
    ),
  },
  {
    id: 'github-fine-grained-token',
    what: 'a GitHub token',
    certain: true,
    anchors: ['github_pat_'],
    find: by(/(?<![A-Za-z0-9_])github_pat_([A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?![A-Za-z0-9_])/y, looksRandom),
  },
  {
    id: 'gitlab-token',
    what: 'a GitLab token',
    certain: true,
    anchors: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glagent-', 'glsoat-', 'glrtr-'],
    find: by(
      /(?<![A-Za-z0-9_-])gl(?:pat|dt|rt|ptt|cbt|agent|soat|rtr)-([A-Za-z0-9_.-]{20,300})(?![A-Za-z0-9_-])/y,
      looksRandom,
    ),
  },
  {
    id: 'slack-token',
    what: 'a Slack token',
    certain: true,
    anchors: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'],
    find: by(
      /(?<![A-Za-z0-9])(?:xox[abeoprs]-[0-9]{1,14}|xapp-[0-9]-[A-Z0-9]{9,14})-([A-Za-z0-9-]{16,300})(?![A-Za-z0-9-])/y,
      ([, body = '']) => entropyOf(body) >= 3,
    ),
  },
  {
    id: 'slack-webhook',
    what: 'the address of a Slack webhook',
    certain: true,
    anchors: ['hooks.slack.com/'],
    find: by(
      /hooks\.slack\.com\/(?:services|workflows)\/T[A-Z0-9]{7,12}\/[AB][A-Z0-9]{7,12}\/([A-Za-z0-9]{20,26}|[0-9]{15,20}\/[A-Za-z0-9]{20,26})(?![A-Za-z0-9])/y,
      looksRandom,
    ),
  },
  {
    id: 'google-oauth-secret',
    what: 'the secret of a Google OAuth client',
    certain: true,
    anchors: ['GOCSPX-'],
    find: by(/(?<![A-Za-z0-9_-])GOCSPX-([A-Za-z0-9_-]{28})(?![A-Za-z0-9_-])/y, looksRandom),
  },
  {
    // Those of web pages and apps are no secret; nothing tells which one it is.
    id: 'google-api-key',
    what: 'a Google API key',
    certain: false,
    anchors: ['AIza'],
    find: by(/(?<![A-Za-z0-9_-])AIza([A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/y, looksRandom),
  },
  {
    id: 'azure-client-secret',
    what: 'the secret of a Microsoft Entra application',
    certain: true,
    // Today's versions; the character behind is one of the alphabet.
    anchors: ['7', '8', '9'].flatMap((version) =>
      [...clientSecretAlphabet].map((char) => `${version}Q~${char}`),
    ),
    find: by(
      /(?<![A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~.-])/y,
      ([, body = '']) => entropyOf(body) >= 3.8,
      3,
    ),
  },
  {
    id: 'pypi-token',
    what: 'a PyPI token',
    certain: true,
    // A macaroon of version 2 whose place is pypi.org or test.pypi.org.
    anchors: ['pypi-AgE'],
    find: by(
      /(?<![A-Za-z0-9_-])pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)([A-Za-z0-9_-]{50,2000})/y,
      looksRandom,
    ),
  },
  {
    id: 'npm-token',
    what: 'an npm token',
    certain: true,
    anchors: ['npm_'],
    find: by(/(?<![A-Za-z0-9_])npm_([A-Za-z0-9]{36})(?![A-Za-z0-9_])/y, ([, body = '']) => hasChecksum(body)),
  },
];
