import { describe, expect, it } from '@jest/globals';
import { type CheckId, checkGuides, checkIds, mostFindingsOfCheck } from '../../core/check.ts';
import type { Digest } from '../../core/digest.ts';
import type { ImageFacts } from '../../core/inventory.ts';
import type { LayerChecks } from '../looks.ts';
import { digestOf } from '../samples.ts';
import { awsSecret, githubToken, jwtOf } from '../secrets/samples.ts';
import type { CheckGround } from './check.ts';
import { checks, findChecks, uncheckedBy } from './index.ts';

const facts: ImageFacts = { created: null, user: '1000', labels: {}, exposedPorts: [], healthcheck: true };
const layer: Digest = digestOf(1);
const nothing: LayerChecks = {
  secrets: [],
  moreSecrets: 0,
  permissions: [],
  permissionsCut: false,
  rootNames: null,
};
const clean: CheckGround = {
  facts,
  config: { env: [], history: [] },
  layers: [],
  permissions: [],
  owners: { of: () => null },
  real: (path) => path,
};
const of = (fields: Partial<ImageFacts>): Partial<CheckGround> => ({ facts: { ...facts, ...fields } });
const env = (...entries: string[]): Partial<CheckGround> => ({ config: { env: entries, history: [] } });
const history = (...steps: string[]): Partial<CheckGround> => ({ config: { env: [], history: steps } });
const told = (fields: Partial<LayerChecks>): Partial<CheckGround> => ({
  layers: [{ digest: layer, checks: { ...nothing, ...fields } }],
});
const secret = (rule: string): Partial<CheckGround> => told({ secrets: [{ path: 'a/b', line: 3, rule }] });
const mode = (
  path: string,
  kind: CheckGround['permissions'][number]['kind'],
  rest: Partial<CheckGround> = {},
): Partial<CheckGround> => ({ permissions: [{ path, kind, layer }], ...rest });
const byDistribution = { owners: { of: (path: string) => (path === 'usr/bin/x' ? 'x' : null) } };
const linked = { real: (path: string) => path.replace(/^bin(?=\/|$)/, 'usr/bin') };

/** For each check what it finds and what it does not; a text: some of what is said. */
const rows: readonly [id: CheckId, ground: Partial<CheckGround>, found: string | null][] = [
  ['secret-in-file', secret('github-token'), 'a/b, line 3, holds a GitHub token'],
  ['secret-in-file', told({ moreSecrets: 7 }), 'a layer holds 7 further secrets'],
  ['secret-in-file', told({}), null],
  [
    'secret-in-environment',
    env(`A=1`, `GH=${githubToken()}`),
    'the environment variable GH holds a GitHub token',
  ],
  ['secret-in-environment', env(`x y=${githubToken()}`), 'an environment variable holds a GitHub token'],
  ['secret-in-environment', env(githubToken()), 'an environment variable holds a GitHub token'],
  [
    'secret-in-environment',
    env(`AWS_ACCESS_KEY_ID=AKIA${'QRSTUVWXYZ234567'}`, `AWS_SECRET_ACCESS_KEY=${awsSecret()}`),
    'AWS_SECRET_ACCESS_KEY holds the secret of an AWS access key',
  ],
  ['secret-in-environment', env('GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D', 'LANG=C.UTF-8'), null],
  [
    'secret-in-history',
    history('x', `RUN |1 T=${githubToken()} /bin/sh -c npm ci`),
    'step 2 of its history holds',
  ],
  ['secret-in-history', history('RUN /bin/sh -c apt-get update # buildkit'), null],
  ['possible-secret', secret('jwt'), 'holds a JSON web token'],
  ['possible-secret', secret('too-many'), 'was not looked at to its end'],
  ['possible-secret', env(`SESSION=${jwtOf()}`), 'SESSION holds a JSON web token'],
  ['possible-secret', env('DB_PASSWORD=correct horse'), 'DB_PASSWORD has the name of a secret, and a value'],
  ['possible-secret', history('RUN |1 NPM_TOKEN=0123456789 /bin/sh -c x'), 'gives a value to NPM_TOKEN'],
  [
    'possible-secret',
    env('DB_PASSWORD_FILE=/run/secrets/db', 'ALLOW_EMPTY_PASSWORD=yes', 'TOKEN=$OTHER'),
    null,
  ],
  ['possible-secret', history('ENV DB_PASSWORD=correcthorse', 'RUN make KEY=value'), null],
  ['setuid-file', mode('opt/x', 'setuid'), 'opt/x is setuid, and no package'],
  ['setuid-file', mode('opt/x', 'setgid'), 'opt/x is setgid, and no package'],
  [
    'setuid-file',
    mode('bin/find', 'setuid', { owners: { of: () => 'findutils' } }),
    'which no distribution does',
  ],
  ['setuid-file', told({ permissionsCut: true }), 'more files with special modes'],
  ['setuid-file', mode('usr/bin/x', 'setuid', byDistribution), null],
  ['setuid-file', mode('bin/x', 'setuid', { ...byDistribution, ...linked }), null],
  ['setuid-file', mode('usr/bin/y', 'writable', { real: () => 'elsewhere' }), null],
  ['world-writable-in-path', mode('usr/local/bin/x', 'writable'), '/usr/local/bin/x, which is in the PATH'],
  [
    'world-writable-in-path',
    mode('usr/local', 'writable-folder'),
    '/usr/local, which the PATH leads through',
  ],
  ['world-writable-in-path', mode('opt/x', 'writable', env('PATH=/bin:/opt/')), '/opt/x'],
  ['world-writable-in-path', mode('bin/x', 'writable', { ...env('PATH=/usr/bin'), ...linked }), '/bin/x'],
  ['world-writable-in-path', mode('opt/x', 'writable'), null],
  ['world-writable-in-path', mode('bin/x', 'writable', env('PATH=/opt')), null],
  ['world-writable-in-path', mode('usr/local/bin/x/y', 'writable'), null],
  [
    'add-from-url',
    history('ADD https://host.example/x?t=1 /x # buildkit'),
    'step 1 of its history adds content from host.example',
  ],
  ['add-from-url', history('', '/bin/sh -c #(nop) ADD http://host.example/x in /x'), 'step 2'],
  ['add-from-url', history('ADD git@host.example:a/b.git /x'), 'from elsewhere'],
  ['add-from-url', history('ADD --checksum=sha256:0 https://host.example/x /x'), null],
  [
    'add-from-url',
    history('ADD file:0123 in /', 'COPY https://x /', 'RUN curl https://x', 'ADD rootfs.tar /'),
    null,
  ],
  ['runs-as-root', of({ user: null }), 'names no user'],
  ['runs-as-root', of({ user: '' }), 'names no user'],
  ['runs-as-root', of({ user: 'root' }), '"root"'],
  ['runs-as-root', of({ user: 'root:wheel' }), '"root"'],
  ['runs-as-root', of({ user: '0' }), '"0"'],
  ['runs-as-root', of({ user: '0:1000' }), '"0"'],
  ['runs-as-root', of({ user: '000' }), '"000"'],
  ['runs-as-root', of({ user: '-0' }), '"-0"'],
  ['runs-as-root', of({ user: '+0:0' }), '"+0"'],
  ['runs-as-root', of({ user: ':1000' }), '""'],
  [
    'runs-as-root',
    { ...of({ user: 'toor' }), ...told({ rootNames: ['root', 'toor'] }) },
    'which /etc/passwd gives',
  ],
  ['runs-as-root', of({ user: '1000' }), null],
  ['runs-as-root', of({ user: '1000:0' }), null],
  ['runs-as-root', { ...of({ user: 'nobody' }), ...told({ rootNames: ['root'] }) }, null],
  ['runs-as-root', of({ user: '10' }), null],
  ['no-healthcheck', of({ healthcheck: false }), 'no health check'],
  ['no-healthcheck', of({ healthcheck: true }), null],
  ['exposes-ssh', of({ exposedPorts: ['80/tcp', '22/tcp'] }), '(22/tcp)'],
  ['exposes-ssh', of({ exposedPorts: ['22'] }), '(22)'],
  ['exposes-ssh', of({ exposedPorts: ['22/TCP'] }), '(22/TCP)'],
  ['exposes-ssh', of({ exposedPorts: ['0022'] }), '(0022)'],
  ['exposes-ssh', of({ exposedPorts: ['20-30/tcp'] }), '(20-30/tcp)'],
  ['exposes-ssh', of({ exposedPorts: ['22/udp'] }), null],
  ['exposes-ssh', of({ exposedPorts: ['2222/tcp', '220', 'ssh', '', '-22'] }), null],
];

describe('checks', () => {
  it.each(rows)('%s of row %#: %j says %s', (id, ground, found) => {
    const all = findChecks({ ...clean, ...ground }, []);
    expect(all.map((check) => check.id)).toEqual(found === null ? [] : [id]);
    if (found !== null) expect(all[0]?.detail).toContain(found);
  });

  it.each(rows.filter(([, , found]) => found !== null))(
    '%s that is switched off says nothing: row %#',
    (id, ground) => {
      expect(findChecks({ ...clean, ...ground }, [id])).toEqual([]);
    },
  );

  it.each(checks.map((check) => [check.id, check] as const))(
    '%s keeps the contract: a version, printable sentences, pure, and quiet without a config',
    (_id, check) => {
      const worst: CheckGround = {
        facts: {
          created: '\u0000',
          user: '0:\u001b[31m',
          labels: {},
          exposedPorts: ['22/tcp'],
          healthcheck: false,
        },
        config: {
          env: ['PATH=/a', `A=${githubToken()}`, 'B_TOKEN=\u001b[31mabcdef'],
          history: [`ADD https://\u001b[31m@x/ /`, `RUN ${githubToken()}`],
        },
        layers: [
          {
            digest: layer,
            checks: {
              ...nothing,
              secrets: ['jwt', 'private-key'].map((rule) => ({ path: 'a\u001b[31m', line: 1, rule })),
            },
          },
        ],
        permissions: [
          { path: 'a\u001b[31m', kind: 'setuid', layer },
          { path: 'a/\u001b[31m', kind: 'writable', layer },
        ],
        owners: clean.owners,
        real: clean.real,
      };
      expect(check.version).toBeGreaterThan(0);
      expect(check.find(worst).length).toBeGreaterThan(0);
      for (const { detail } of check.find(worst)) expect(detail).toMatch(/^[\x20-\x7e]{10,400}$/);
      expect(check.find(worst)).toEqual(check.find(worst));
      expect(check.find({ ...clean, facts: null, config: null })).toEqual([]);
    },
  );

  it('tell a bounded number of findings, and how many more there are', () => {
    const permissions = Array.from({ length: 5000 }, (_, at) => ({
      path: `x${at}`,
      kind: 'setuid' as const,
      layer,
    }));
    const found = findChecks({ ...clean, permissions }, []);
    expect(found).toHaveLength(mostFindingsOfCheck + 1);
    expect(found.at(-1)).toEqual({ id: 'setuid-file', detail: 'and 4800 more of the same kind' });
  });

  it('are all in the list, each with a guide and with rows of both kinds here', () => {
    expect(checks.map(({ id }) => id)).toEqual(checkIds);
    for (const id of checkIds) {
      const kinds = rows.filter((row) => row[0] === id).map((row) => row[2] !== null);
      expect(new Set(kinds)).toEqual(new Set([true, false]));
      const { title, reason, remedy } = checkGuides[id];
      for (const text of [title, reason, remedy]) expect(text.length).toBeGreaterThan(10);
    }
  });
});

describe('checks that are switched off', () => {
  it.each<[off: CheckId[], unchecked: CheckId[]]>([
    [[], []],
    [['no-healthcheck'], ['no-healthcheck']],
    [['secret-in-file'], ['secret-in-file', 'possible-secret']],
    [
      ['secret-in-history', 'runs-as-root'],
      ['secret-in-history', 'possible-secret', 'runs-as-root'],
    ],
  ])('%j leave undecided %j', (checksOff, unchecked) => {
    expect(uncheckedBy({ checksOff, secretFileBytes: 1 })).toEqual(unchecked);
  });
});
