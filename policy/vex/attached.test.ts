import { describe, expect, it } from '@jest/globals';
import type { AttachedVex } from '../../core/vex.ts';
import { type IgnoredVex, weigh } from './attached.ts';
import { readKey } from './key.ts';
import type { PolicyVex } from './policy-vex.ts';
import {
  enveloped,
  imageDigest,
  inToto,
  notAffected,
  openVex,
  otherDigest,
  type SigningKey,
  signingKey,
} from './samples.ts';

const vendor = signingKey();
const stranger = signingKey();
const image = { digest: imageDigest, repositories: ['registry.example/app'] };
const statement = inToto(openVex([notAffected()]));

function policyWith(
  keys: readonly SigningKey[],
  fields: Partial<PolicyVex> = {},
  repositories: readonly string[] | null = null,
) {
  const built = keys.map(({ pem }, index) => {
    const read = readKey(pem);
    if ('found' in read) throw new Error(read.found);
    return { name: `key-${index}`, ...read, repositories };
  });
  return { vex: { documents: [], statements: [], keys: built, referrers: true, ...fields } };
}

function attached(envelope: string | null, fields: Partial<AttachedVex> = {}): AttachedVex {
  const document = { manifest: otherDigest, envelope, problem: null };
  return {
    repository: 'registry.example/app',
    lookedAt: '2026-05-01T00:00:00Z',
    problem: null,
    documents: [document],
    ...fields,
  };
}

function told(ignored: readonly IgnoredVex[]): readonly string[] {
  return ignored.map(({ why }) => why);
}

describe('what is attached to an image', () => {
  it.each(['p256', 'p384', 'ed25519', 'rsa'] as const)(
    'counts where a key of kind %s has signed it',
    (kind) => {
      const key = signingKey(kind);
      const { documents, ignored } = weigh(
        policyWith([stranger, key]),
        [attached(enveloped(statement, key))],
        image,
      );
      expect(told(ignored)).toEqual([]);
      expect(documents).toMatchObject([
        {
          id: 'https://vendor.example/vex/1',
          source: `registry.example/app@${otherDigest} (key key-1)`,
          statements: [{ status: 'not_affected' }],
        },
      ]);
    },
  );

  it('counts in a Sigstore bundle', () => {
    const bundle = JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      dsseEnvelope: JSON.parse(enveloped(statement, vendor)) as unknown,
    });
    expect(weigh(policyWith([vendor]), [attached(bundle)], image).documents).toHaveLength(1);
  });

  const tampered = (change: (envelope: Record<string, unknown>) => void): string => {
    const envelope = JSON.parse(enveloped(statement, vendor)) as Record<string, unknown>;
    change(envelope);
    return JSON.stringify(envelope);
  };
  it.each<[string, string | null, string]>([
    ['unsigned', enveloped(statement, null), 'it is not signed'],
    [
      'no envelope',
      JSON.stringify(openVex([notAffected()])),
      'it is not signed: there is no DSSE envelope of an in-toto statement',
    ],
    ['not JSON', '<html>', 'it is not signed: there is no DSSE envelope of an in-toto statement'],
    [
      'signed by a stranger',
      enveloped(statement, stranger),
      'none of the keys that the policy names has signed it',
    ],
    [
      'another payload under the signature',
      tampered((envelope) => {
        envelope.payload = Buffer.from(
          JSON.stringify(inToto(openVex([notAffected({ vulnerability: { name: 'CVE-1' } })]))),
        ).toString('base64');
      }),
      'none of the keys that the policy names has signed it',
    ],
    [
      'a signature that is none',
      tampered((envelope) => {
        envelope.signatures = [{ sig: 'AAAA' }, {}, 7];
      }),
      'none of the keys that the policy names has signed it',
    ],
    [
      'another type of payload',
      tampered((envelope) => {
        envelope.payloadType = 'text/plain';
      }),
      'it is not signed: there is no DSSE envelope of an in-toto statement',
    ],
    [
      'about another image',
      enveloped(inToto(openVex([notAffected()]), otherDigest), vendor),
      'what the key key-0 has signed is about another image',
    ],
    [
      'about no image',
      enveloped({ ...(statement as object), subject: [] }, vendor),
      'what the key key-0 has signed is about another image',
    ],
    [
      'something else than VEX',
      enveloped({ ...(statement as object), predicateType: 'https://spdx.dev/Document' }, vendor),
      'what the key key-0 has signed is not OpenVEX',
    ],
    [
      'no in-toto statement',
      enveloped(openVex([notAffected()]), vendor),
      'what the key key-0 has signed is not OpenVEX',
    ],
    [
      'VEX that cannot be read',
      enveloped(inToto(openVex([], { author: undefined })), vendor),
      'what the key key-0 has signed cannot be read: it has no author',
    ],
    ['nothing', null, 'it holds nothing that can be read'],
  ])('does not count, and says so: %s', (_, envelope, why) => {
    const { documents, ignored } = weigh(policyWith([vendor]), [attached(envelope)], image);
    expect(documents).toEqual([]);
    expect(told(ignored)).toEqual([why]);
  });

  it('does not count for a policy that names no keys, or does not want it', () => {
    const found = [attached(enveloped(statement, vendor))];
    for (const policy of [{}, policyWith([]), policyWith([vendor], { referrers: false })]) {
      expect(weigh(policy, found, image)).toEqual({ documents: [], ignored: [] });
    }
  });

  it('does not count for an image whose digest nobody knows', () => {
    expect(
      weigh(policyWith([vendor]), [attached(enveloped(statement, vendor))], { ...image, digest: null })
        .documents,
    ).toEqual([]);
  });

  it('counts by a key for some repositories where all that hold the image are among them', () => {
    const policy = policyWith([vendor], {}, ['registry.example/*']);
    const found = [attached(enveloped(statement, vendor))];
    expect(weigh(policy, found, image).documents).toHaveLength(1);
    const { documents, ignored } = weigh(policy, found, {
      ...image,
      repositories: ['other.example/app', 'registry.example/app'],
    });
    expect(documents).toEqual([]);
    expect(told(ignored)).toEqual([
      'the key key-0 that has signed it is not for every repository that holds the image',
    ]);
    expect(weigh(policy, found, { ...image, repositories: [] }).documents).toEqual([]);
  });

  it('counts once, in whichever repositories it lies, and tells where nobody could look', () => {
    const envelope = enveloped(statement, vendor);
    const { documents, ignored } = weigh(
      policyWith([vendor]),
      [
        attached(envelope, { problem: 'the upstream is away' }),
        attached(envelope, { repository: 'mirror.example/app' }),
      ],
      image,
    );
    expect(documents).toHaveLength(1);
    expect(ignored).toEqual([{ where: 'registry.example/app', why: 'the upstream is away' }]);
  });
});
