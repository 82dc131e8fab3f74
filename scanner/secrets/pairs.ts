import { entropyOf } from './measure.ts';
import { by, type SecretRule } from './rule.ts';

/** Bits per character of 40 random characters of base64; a hash in hexadecimal has at most 4. */
const randomBase64 = 4.1;
/** Characters around a key id in which its secret is looked for. */
const near = 500;
const awsSecret = /(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;
const awsId = /(?<![A-Za-z0-9/+])A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9/+=])/y;

/** Azurite's and the old emulator's account, the same for everybody. */
const emulatorKey =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Secrets that what stands beside them proves. */
export const pairs: readonly SecretRule[] = [
  {
    // The id alone is a name and no secret.
    id: 'aws-access-key',
    what: 'the secret of an AWS access key',
    certain: true,
    anchors: ['AKIA', 'ASIA'],
    find: (text, at) => {
      awsId.lastIndex = at;
      const id = awsId.exec(text)?.[0];
      if (id === undefined || id.endsWith('EXAMPLE')) return null;
      const from = Math.max(0, at - near);
      const around = text.slice(from, at + id.length + near);
      for (const found of around.matchAll(awsSecret)) {
        const secret = found[0];
        if (entropyOf(secret) < randomBase64 || secret.endsWith('EXAMPLEKEY')) continue;
        const start = from + found.index;
        return { start, end: start + secret.length };
      }
      return null;
    },
  },
  {
    id: 'azure-storage-key',
    what: 'the key of an Azure storage account',
    certain: true,
    anchors: ['AccountKey='],
    find: by(
      /AccountKey=([A-Za-z0-9+/]{86}==)/y,
      ([, key = '']) => key !== emulatorKey && entropyOf(key) >= randomBase64,
    ),
  },
  {
    id: 'azure-shared-access-key',
    what: 'a shared access key of Azure',
    certain: true,
    anchors: ['SharedAccessKey='],
    find: by(
      /SharedAccessKey=([A-Za-z0-9+/]{43}=)(?![A-Za-z0-9+/=])/y,
      ([, key = '']) => entropyOf(key) >= randomBase64,
    ),
  },
  {
    // .npmrc, as npm login writes it; npm's newer tokens have a rule of their own.
    id: 'npm-registry-auth',
    what: 'the token of an npm registry',
    certain: true,
    anchors: [':_authToken'],
    find: by(
      /:_authToken[ \t]{0,4}=[ \t]{0,4}"?([A-Za-z0-9+/=_.-]{20,2000})/y,
      ([, token = '']) => !/^(?:npm_|gh[pousr]_|glpat-)/.test(token) && entropyOf(token) >= 3,
    ),
  },
  {
    // ~/.docker/config.json: NAME:PASSWORD in base64.
    id: 'registry-password',
    what: 'the password of a container registry',
    certain: true,
    anchors: ['"auth"'],
    find: by(/"auth"\s{0,4}:\s{0,4}"([A-Za-z0-9+/]{8,8000}={0,2})"/y, ([, auth = '']) => {
      const text = Buffer.from(auth, 'base64').toString('latin1');
      return /^[\x21-\x39\x3b-\x7e]{1,256}:[\x20-\x7e]{4,}$/.test(text);
    }),
  },
];
