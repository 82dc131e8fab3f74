import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PratiqueError } from '../../core/errors.ts';
import { viewOf } from '../../core/inventory.ts';
import { evaluate } from '../evaluate.ts';
import { parsePolicy } from '../parse.ts';
import type { Policy } from '../policy.ts';
import { debian, finding, inventory, now } from '../samples.ts';
import { imageDigest, notAffected, openVex, signingKey } from './samples.ts';

const rules =
  'rules: [{ id: r, title: Rule, action: deny, when: { severity: { atLeast: critical, unknown: true } } }]';
const files: Readonly<Record<string, string>> = {
  'vendor.json': JSON.stringify(openVex([notAffected()])),
  'refused.json': JSON.stringify(openVex([notAffected({ status: 'harmless' })])),
  'broken.json': '<html>',
  'key.pem': signingKey().pem,
};
const read = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw new PratiqueError('policy-invalid', `there is no ${path}`);
  return text;
};

function policyOf(vex: string, more = ''): Policy {
  return parsePolicy(`version: 1\nname: test\n${rules}\n${more}\nvex: ${vex}\n`, 'p.yaml', read);
}

function verdictBy(policy: Policy, findings = [finding()]) {
  const advisories = { revision: 'r1', updatedAt: debian.updatedAt };
  return evaluate({
    policy,
    inventory: viewOf(inventory),
    match: { findings, coverage: [debian], advisories, endOfLife: null },
    scannedAt: '2026-05-31T12:00:00Z',
    image: ['registry.example/app'],
    digest: imageDigest,
    scanner: 'pratique 1',
    at: now,
  });
}

const own = (fields = '') =>
  `{ vulnerability: CVE-2024-1, products: ["pkg:deb/debian/libssl3"], status: not_affected, author: ada, timestamp: 2026-05-01, ${fields} }`;

describe('a finding that VEX silences', () => {
  it('is let through, and recorded with who says so and why', () => {
    const verdict = verdictBy(policyOf('{ files: [vendor.json] }'));
    expect(verdict).toMatchObject({ status: 'pass', validUntil: expect.any(String), blockers: { list: [] } });
    expect(verdict.summary.counts.critical).toBe(0);
    expect(verdict.suppressed).toEqual([
      {
        id: 'DEBIAN-CVE-2024-1',
        name: 'CVE-2024-1',
        package: 'libssl3',
        by: 'vex',
        reason: 'not_affected: vulnerable_code_not_in_execute_path',
        expires: null,
        exception: null,
        ticket: null,
        vex: [
          {
            status: 'not_affected',
            justification: 'vulnerable_code_not_in_execute_path',
            impact: null,
            author: 'Vendor Security',
            document: 'https://vendor.example/vex/1',
            source: 'vendor.json',
            timestamp: '2026-05-01T00:00:00.000Z',
          },
        ],
      },
    ]);
  });

  it('is let through by the word of the policy itself, too', () => {
    const verdict = verdictBy(
      policyOf(
        `{ statements: [${own('justification: component_not_present, impact_statement: "Not there."')}] }`,
      ),
    );
    expect(verdict.suppressed).toMatchObject([
      {
        by: 'vex',
        reason: 'not_affected: component_not_present (Not there.)',
        vex: [{ author: 'ada', document: null, source: 'policy' }],
      },
    ]);
  });

  it('needs no exception beside it, whose end changes nothing', () => {
    const exception = 'exceptions: [{ advisory: CVE-2024-1, reason: r, author: a, expires: 2026-06-02 }]';
    const verdict = verdictBy(policyOf('{ files: [vendor.json] }', exception));
    expect(verdict).toMatchObject({ status: 'pass', next: { at: expect.stringMatching(/^2026-06-0[78]/) } });
    expect(verdict.suppressed).toMatchObject([{ by: 'vex' }]);
    const ended = exception.replace('2026-06-02', '2026-05-01');
    expect(verdictBy(policyOf('{ files: [vendor.json] }', ended)).reasons).toEqual([]);
  });

  it('leaves the others what they are', () => {
    const other = finding({ id: 'CVE-2024-2', aliases: [] });
    const verdict = verdictBy(policyOf('{ files: [vendor.json] }'), [finding(), other]);
    expect(verdict).toMatchObject({
      status: 'fail',
      suppressed: [{ by: 'vex' }],
      blockers: { list: [{ finding: { id: 'CVE-2024-2' } }] },
    });
  });

  it.each([
    '{ files: [refused.json] }',
    `{ statements: [${own().replace('not_affected', 'affected')}] }`,
    '{}',
  ])('is none where nothing says so: %s', (vex) => {
    expect(verdictBy(policyOf(vex))).toMatchObject({ status: 'fail', suppressed: [] });
  });
});

describe('the revision of a policy', () => {
  it('is that of before where it says nothing of VEX, and another with every word on it', () => {
    const text = `version: 1\nname: test\n${rules}\n`;
    const revisions = [
      parsePolicy(text, 'p.yaml').revision,
      ...[
        '{}',
        '{ files: [vendor.json] }',
        '{ files: [refused.json] }',
        '{ keys: [{ name: k, publicKey: key.pem }], referrers: true }',
        '{ keys: [{ name: k, publicKey: key.pem }] }',
      ].map((vex) => policyOf(vex).revision),
    ];
    expect(new Set(revisions).size).toBe(revisions.length);
    expect(parsePolicy(text, 'p.yaml')).not.toHaveProperty('vex');
  });
});

const inline = (pem: string) => JSON.stringify(pem);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

describe('what may stand there', () => {
  it.each<[string, RegExp]>([
    [
      '{ file: [] }',
      /vex\.file: found the unknown key "file", allowed files, statements, keys, referrers \(did you mean "files"\?\)/,
    ],
    [
      '{ files: [none.json] }',
      /vex\.files\[0\]: found "none.json": there is no none.json, allowed the path of an OpenVEX or CSAF 2.0 VEX document/,
    ],
    [
      '{ files: [broken.json] }',
      /vex\.files\[0\]: found "broken.json": it is not JSON: .*, allowed the path/,
    ],
    ['{ referrers: true }', /vex\.referrers: found true, and no keys, allowed keys beside it/],
    [
      `{ statements: [${own()}] }`,
      /vex\.statements\[0\]: found a map, allowed a justification or an impact_statement where the status is not_affected/,
    ],
    [
      `{ statements: [${own('justification: because')}] }`,
      /statements\[0\]\.justification: found "because", allowed component_not_present/,
    ],
    [
      `{ statements: [${own().replace('not_affected', 'harmless')}] }`,
      /statements\[0\]\.status: found "harmless", allowed not_affected, affected, fixed or under_investigation/,
    ],
    [
      `{ statements: [${own('impact_statement: x').replace('pkg:deb/debian/libssl3', 'libssl3')}] }`,
      /statements\[0\]\.products\[0\]: found "libssl3", allowed a package-url/,
    ],
    [
      `{ statements: [${own('impact_statement: x').replace('"pkg:deb/debian/libssl3"', '{ id: "pkg:npm/app", subcomponents: ["pkg:npm/x"] }')}] }`,
      /statements\[0\]\.products\[0\]\.id: found "pkg:npm\/app", allowed the digest of an image/,
    ],
    [
      `{ statements: [${own('impact_statement: x').replace('2026-05-01', 'today')}] }`,
      /statements\[0\]\.timestamp: found "today", allowed a day such as/,
    ],
    [
      '{ keys: [{ name: k, publicKey: none.pem }] }',
      /vex\.keys\[0\]\.publicKey: found "none.pem": there is no none.pem, allowed a public key in PEM/,
    ],
    [
      '{ keys: [{ name: k, publicKey: vendor.json }] }',
      /vex\.keys\[0\]\.publicKey: found "vendor.json", what is no key/,
    ],
    [
      `{ keys: [{ name: k, publicKey: ${inline(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())} }] }`,
      /vex\.keys\[0\]\.publicKey: found a private key, allowed a public key in PEM: ECDSA/,
    ],
    [
      `{ keys: [{ name: k, publicKey: ${inline(weak.export({ type: 'spki', format: 'pem' }).toString())} }] }`,
      /found a key of another kind \(rsa 1024\)/,
    ],
    [
      '{ keys: [{ name: k, publicKey: key.pem }, { name: k, publicKey: key.pem }] }',
      /vex\.keys\[1\]\.name: found "k", which is the name of keys\[0\] too/,
    ],
    [
      '{ keys: [{ name: k, publicKey: key.pem, repositories: [app] }] }',
      /vex\.keys\[0\]\.repositories\[0\]: found "app", allowed a repository with its registry/,
    ],
  ])('%s', (vex, message) => {
    expect(() => policyOf(vex)).toThrow(message);
  });
});
