import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isAllowedPath } from './allowed.ts';
import { findSecrets } from './find.ts';
import { checksumOf, hasChecksum } from './measure.ts';
import { secretRules } from './rules.ts';
import { alphabets, awsSecret, checked, githubToken, jwtOf, pem, randomText } from './samples.ts';
import { mayBeSecret, secretAssignments } from './variables.ts';

const found = (text: string): string[] =>
  findSecrets(Buffer.from(text, 'latin1'), 20).hits.map(({ rule }) => rule.id);
const random = randomText;
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const keyId = `AK${'IA'}${random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
const webhook = `https://hooks.${'slack'}.com/services/T${random(10, upper)}/B${random(10, upper)}`;
const real = (type: 'pkcs8' | 'sec1', secured: object = {}): string =>
  String(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type, format: 'pem', ...secured }),
  );
const ed25519 = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
const cipher = { cipher: 'aes-256-cbc', passphrase: 'x' };
const openssh = (name: string): string =>
  Buffer.concat([Buffer.from('openssh-key-v1\0\0\0\0'), Buffer.from([name.length]), Buffer.from(name)])
    .toString('base64')
    .replace(/=+$/, '');
const basic = (text: string): string => Buffer.from(text).toString('base64');
const storageKey = `${random(86, alphabets.base64)}==`;
const macaroon = `py${'pi'}-AgEIcHlwaS5vcmc${random(150, alphabets.base64url)}`;
const clientSecret = `${random(3)}8${'Q~'}${random(34, alphabets.base62)}`;

/** For each rule texts that hold such a secret, and texts that only look so. */
const table: Readonly<Record<string, { readonly yes: readonly string[]; readonly no: readonly string[] }>> = {
  'private-key': {
    yes: [
      ed25519,
      real('sec1'),
      real('pkcs8').replaceAll('\n', '\r\n'),
      `KEY="${real('pkcs8').replaceAll('\n', '\\n')}"`,
      `KEY=${real('pkcs8').replaceAll('\n', ' ')}`,
      pem('RSA'),
      pem('OPENSSH', openssh('none')),
      pem('PGP', 'lQOYBF', 'Version: GnuPG v2'),
      // Longer than what is looked at.
      pem('').replace(/\n(?=-----END)/, `\n${random(20_000)}\n`),
    ],
    no: [
      pem('').replace(/PRIVATE/g, 'PUBLIC'),
      pem('').replace(/\n[^-]{400}/, '\n'),
      `-----BEGIN ${'PRIVATE'} KEY-----\n...\n-----END ${'PRIVATE'} KEY-----`,
      `-----BEGIN ${'PRIVATE'} KEY-----\nMII${'A'.repeat(300)}\n-----END`,
      `-----BEGIN ${'PRIVATE'} KEY-----\n${random(200).replace(/^./, 'x')}\n-----END`,
      pem('').split('-----END')[0] ?? '',
      `if (text.startsWith('-----BEGIN ${'PRIVATE'} KEY-----')) return MII${random(100)}`,
    ],
  },
  'encrypted-private-key': {
    yes: [
      real('pkcs8', cipher),
      pem('RSA', 'x9', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF'),
      pem('OPENSSH', openssh('aes256-ctr')),
    ],
    no: [],
  },
  'gcp-service-account-key': {
    yes: [JSON.stringify({ type: 'service_account', project_id: 'p', private_key: real('pkcs8') }, null, 2)],
    no: [JSON.stringify({ type: 'service_account', private_key: '' })],
  },
  'github-token': {
    yes: [
      githubToken(),
      `x=${checked('gho_')}`,
      `"${checked('ghs_')}"`,
      `https://x:${checked('ghu_')}@github.com`,
    ],
    no: [
      `ghp_${random(36)}`,
      `ghp_${'x'.repeat(36)}`,
      `${githubToken()}A`,
      `A${githubToken()}`,
      githubToken().slice(0, -1),
    ],
  },
  'github-fine-grained-token': {
    yes: [`github_${'pat'}_${random(22)}_${random(59)}`],
    no: [
      `github_${'pat'}_${random(22)}_${random(58)}`,
      `github_${'pat'}_${'A'.repeat(22)}_${'A'.repeat(59)}`,
    ],
  },
  'gitlab-token': {
    yes: [
      `gl${'pat'}-${random(20, alphabets.base64url)}`,
      `token: gl${'dt'}-${random(24)}`,
      `gl${'rt'}-${random(20)}`,
    ],
    no: [`gl${'pat'}-${random(19)}`, `gl${'pat'}-${'x'.repeat(20)}`, `single${'pat'}-${random(20)}`],
  },
  'slack-token': {
    yes: [
      `xox${'b'}-${random(12, '0123456789')}-${random(12, '0123456789')}-${random(24)}`,
      `xapp-1-${random(11, upper)}-${random(13, '0123456789')}-${random(64, '0123456789abcdef')}`,
    ],
    no: [`xox${'b'}-not-a-token`, `xox${'b'}-1234-${'x'.repeat(40)}`, `xox${'b'}-${random(40)}`],
  },
  'slack-webhook': {
    yes: [`${webhook}/${random(24)}`],
    no: [`${webhook}/${'X'.repeat(24)}`, `https://hooks.${'slack'}.com/services/T000/B000/${random(24)}`],
  },
  'google-oauth-secret': {
    yes: [`GOC${'SPX'}-${random(28, alphabets.base64url)}`],
    no: [`GOC${'SPX'}-${random(20)}`, `GOC${'SPX'}-${'x'.repeat(28)}`],
  },
  'google-api-key': {
    yes: [`AI${'za'}${random(35, alphabets.base64url)}`],
    no: [`AI${'za'}${random(36)}`, `AI${'za'}${'x'.repeat(35)}`],
  },
  'azure-client-secret': {
    yes: [clientSecret, `AZURE_CLIENT_SECRET='${clientSecret}'`],
    no: [`x${clientSecret}`, clientSecret.slice(0, -5), `abc8${'Q~'}${'x'.repeat(34)}`],
  },
  'pypi-token': {
    yes: [macaroon],
    no: [macaroon.slice(0, 40), `${macaroon.slice(0, 20)}${'x'.repeat(100)}`],
  },
  'npm-token': {
    yes: [checked(`np${'m'}_`)],
    no: [`np${'m'}_${random(36)}`, `np${'m'}_config_${random(36)}`],
  },
  'aws-access-key': {
    yes: [
      `[default]\naws_access_key_id = ${keyId}\naws_secret_access_key = ${awsSecret()}\n`,
      `AWS_SECRET_ACCESS_KEY=${awsSecret()}\nAWS_ACCESS_KEY_ID=${keyId}`,
      `secret: "${awsSecret()}"\nid: "${keyId}"`,
    ],
    no: [
      keyId,
      `${keyId} ${random(40, '0123456789abcdef')}`,
      `${keyId}\n${' '.repeat(600)}${awsSecret()}`,
      `AK${'IA'}IOSFODNN7EXAMPLE ${awsSecret()}`,
      `${keyId} wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY`,
    ],
  },
  'azure-storage-key': {
    yes: [`DefaultEndpointsProtocol=https;AccountName=x;Account${'Key='}${storageKey};EndpointSuffix=core`],
    no: [
      `Account${'Key='}${'A'.repeat(86)}==`,
      `Account${'Key='}Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==`,
    ],
  },
  'azure-shared-access-key': {
    yes: [`Endpoint=sb://x/;SharedAccessKeyName=y;SharedAccess${'Key='}${random(43, alphabets.base64)}=`],
    no: [`SharedAccess${'Key='}${'A'.repeat(43)}=`, `SharedAccess${'Key='}<key>`],
  },
  'npm-registry-auth': {
    yes: [`//registry.example/:_auth${'Token='}12345678-9abc-def0-1234-56789abcdef0`],
    no: [
      `//registry.example/:_auth${'Token='}\${NPM_TOKEN}`,
      `//registry.example/:_auth${'Token='}${'x'.repeat(30)}`,
    ],
  },
  'registry-password': {
    yes: [`{"auths":{"registry.example":{"${'auth'}": "${basic('user:correct horse')}"}}}`],
    no: [
      `{"${'auth'}":"required"}`,
      `{"${'auth'}": "${basic('no colon here')}"}`,
      `{"${'auth'}": "${basic('a:b')}"}`,
    ],
  },
  jwt: {
    yes: [jwtOf(), `Bearer ${jwtOf({ alg: 'RS256', kid: random(2000) })}`],
    no: [
      jwtOf({ alg: 'none' }),
      jwtOf({ typ: 'JWT' }),
      jwtOf().slice(0, -30),
      jwtOf().replace(/[^.]*$/, 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'),
      jwtOf().replace(/^eyJ/, 'eyK'),
      jwtOf().replace(/^[^.]*/, `eyJ${random(30)}`),
    ],
  },
};

describe('secrets in texts', () => {
  const rows = Object.entries(table).flatMap(([id, { yes, no }]) => [
    ...yes.map((text, at) => [id, `text ${at}`, text, true] as const),
    ...no.map((text, at) => [id, `what only looks like it, ${at}`, text, false] as const),
  ]);

  it.each(rows)('%s: %s', (id, _what, text, isSecret) => {
    expect(found(text)).toEqual(isSecret ? [id] : []);
    // Wherever in the file, whatever the bytes around.
    for (const shift of [1, 2, 3]) {
      expect(found(`${'\n'.repeat(shift)}${text}\n\u00e9`)).toEqual(isSecret ? [id] : []);
    }
  });

  it('every rule has rows', () => {
    expect(Object.keys(table).sort()).toEqual(secretRules.map(({ id }) => id).sort());
  });

  it('are found beside each other, in their order and each once', () => {
    const text = [pem('RSA'), githubToken(), jwtOf(), githubToken(2)].join('\n');
    expect(found(text)).toEqual(['private-key', 'github-token', 'jwt', 'github-token']);
  });

  it('are bounded, and it is said that there are more', () => {
    const many = Array.from({ length: 50 }, (_, at) => githubToken(at + 1)).join('\n');
    const { hits, all } = findSecrets(Buffer.from(many), 20);
    expect([hits.length, all]).toEqual([20, false]);
    expect(findSecrets(Buffer.from('ghp_ '.repeat(5000)), 20)).toEqual({ hits: [], all: false });
  });

  it('the checksum of GitHub’s and npm’s tokens is that of the published example', () => {
    // "How GitHub's token checksum works": a token that was made for showing it, in two parts.
    expect(checksumOf('zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ')).toBe('0mLq17');
    expect(hasChecksum(`zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ${'0mLq17'}`)).toBe(true);
  });
});

describe('paths where keys are meant to be seen', () => {
  it.each([
    ['usr/share/doc/openssl/demo.pem', true],
    ['usr/lib/python3/dist-packages/twisted/test/server.pem', true],
    ['app/node_modules/public-encrypt/test/1024.priv', true],
    ['app/node_modules/jws/readme.md', true],
    ['usr/local/go/src/crypto/tls/handshake_test.go', true],
    ['src/x/testdata/key.pem', true],
    ['app/test/key.pem', false],
    ['app/README.md', false],
    ['root/.ssh/id_rsa', false],
    ['app/node_modules/x/lib/key.pem', false],
  ])('%s: %s', (path, allowed) => {
    expect(isAllowedPath(path)).toBe(allowed);
  });
});

describe('variables by their name', () => {
  it.each([
    ['DB_PASSWORD', 'hunter22', true],
    ['API_KEY', 'abcdef', true],
    ['client-secret', 'abcdef', true],
    ['PASSWORD', 'short', false],
    ['TOKEN', '$OTHER_TOKEN', false],
    ['TOKEN', '/run/secrets/token', false],
    ['TOKEN_URL', 'https://x.example', false],
    ['SECRET', 'https://x.example/y', false],
    ['SECRET', 'https://user:pass@x.example', true],
    ['GPG_KEY', '0123456789ABCDEF', false],
    ['ENABLE_TOKEN', 'enabled', false],
    ['MONKEYPASSWORDS', 'abcdefgh', false],
  ])('%s=%s: %s', (name, value, expected) => {
    expect(mayBeSecret(name, value)).toBe(expected);
  });

  it.each([
    ['RUN |2 NPM_TOKEN=abcdefgh VERSION=1 /bin/sh -c x', ['NPM_TOKEN']],
    ['curl --password="a long one" https://x', ['password']],
    ["x PASSWORD='a long one'", ['PASSWORD']],
    ['RUN export TOKEN=$(cat /run/secrets/token)', []],
    ['RUN a==b = c', []],
  ])('%s: %j', (command, expected) => {
    expect(secretAssignments(command)).toEqual(expected);
  });
});
