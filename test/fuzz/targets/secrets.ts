import { findSecrets } from '../../../scanner/secrets/find.ts';
import { secretRules } from '../../../scanner/secrets/rules.ts';
import { awsSecret, githubToken, jwtOf, pem } from '../../../scanner/secrets/samples.ts';
import { secretAssignments } from '../../../scanner/secrets/variables.ts';
import type { Target } from '../target.ts';
import { magnitude } from './facts.ts';

/** Which secrets a text holds, and which variables of a command have the name of one. */
function run({ bytes }: { readonly bytes: Buffer }): string {
  const { hits, all } = findSecrets(bytes, 20);
  for (const { start, end } of hits) {
    if (start < 0 || end > bytes.length || start >= end) throw new Error(`a secret at ${start} to ${end}`);
  }
  const rules = [...new Set(hits.map(({ rule }) => rule.id))].sort().join(' ');
  return [rules, all, magnitude(secretAssignments(bytes.toString('latin1')).length)].join(' | ');
}

export const secretTarget: Target = {
  name: 'secrets',
  words: [
    ...secretRules.flatMap(({ anchors }) => anchors.slice(0, 8)),
    '-----END ',
    '\\n',
    '"service_account"',
    'TOKEN=',
  ],
  seeds: () =>
    [
      ...['', 'RSA', 'EC', 'OPENSSH', 'ENCRYPTED', 'PGP'].map((kind) => pem(kind)),
      pem('RSA', 'x', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00'),
      `AKIA${'ABCDEFGHIJKLMNOP'} ${awsSecret()}`,
      githubToken(),
      jwtOf(),
      `{"auths":{"x":{"auth":"${Buffer.from('user:password').toString('base64')}"}}}`,
      'RUN |1 NPM_TOKEN=0123456789 /bin/sh -c npm ci --password="a b"',
    ].map((text) => ({ path: '', bytes: Buffer.from(text, 'latin1') })),
  run,
};
