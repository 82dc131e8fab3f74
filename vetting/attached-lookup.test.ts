import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../core/digest.ts';
import type { AttachmentDescriptor } from '../registry/referrers.ts';
import { attachedLimits, lookUpAttached } from './attached-lookup.ts';
import type { AttachmentSource } from './attached-source.ts';
import { sha256 } from './samples-images.ts';

const image = sha256('image');
const envelopeType = 'application/vnd.dsse.envelope.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Signed by nobody: whose signature counts is for policies to say. */
function envelope(predicateType = 'https://openvex.dev/ns', note = ''): string {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType,
    subject: [],
    predicate: { note },
  };
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  return JSON.stringify({ payloadType: 'application/vnd.in-toto+json', payload, signatures: [] });
}

type Layer = Partial<AttachmentDescriptor> & { readonly text: string };

/** A registry with artifacts, each a list of layers. */
class Registry implements AttachmentSource {
  readonly listed: AttachmentDescriptor[] = [];
  readonly tags = new Map<string, Digest>();
  readonly #manifests = new Map<Digest, Uint8Array>();
  readonly #blobs = new Map<Digest, string>();
  hasList = true;
  asked: string[] = [];
  broken: string | null = null;

  attach(
    layers: readonly Layer[],
    fields: Partial<AttachmentDescriptor> = {},
    tag: string | null = null,
  ): Digest {
    const descriptors = layers.map(({ text, ...rest }) => {
      const digest = sha256(text);
      this.#blobs.set(digest, text);
      const { predicateType, ...others } = rest;
      const annotations = predicateType == null ? {} : { annotations: { predicateType } };
      return { mediaType: envelopeType, digest, size: text.length, ...others, ...annotations };
    });
    const bytes = Buffer.from(JSON.stringify({ layers: descriptors }));
    const digest = sha256(bytes);
    this.#manifests.set(digest, bytes);
    const about = { artifactType: envelopeType, predicateType: null, ...fields };
    if (tag === null) this.listed.push({ mediaType: manifestType, digest, size: bytes.length, ...about });
    else this.tags.set(tag, digest);
    return digest;
  }

  put(tag: string, bytes: Uint8Array): void {
    this.#manifests.set(sha256(bytes), bytes);
    this.tags.set(tag, sha256(bytes));
  }

  referrers(): Promise<readonly AttachmentDescriptor[] | null> {
    if (this.broken === 'list') return Promise.reject(new Error('the list is broken'));
    return Promise.resolve(this.hasList ? this.listed : null);
  }

  manifest(pointer: Parameters<AttachmentSource['manifest']>[0]) {
    const digest = pointer.kind === 'digest' ? pointer.digest : this.tags.get(pointer.tag);
    this.asked.push(pointer.kind);
    const bytes = digest === undefined ? undefined : this.#manifests.get(digest);
    return Promise.resolve(digest === undefined || bytes === undefined ? null : { digest, bytes });
  }

  blob({ digest }: Pick<AttachmentDescriptor, 'digest' | 'size'>): Promise<Uint8Array> {
    this.asked.push('blob');
    if (this.broken === 'blob') return Promise.reject(new Error('the blob is broken'));
    return Promise.resolve(Buffer.from(this.#blobs.get(digest) ?? ''));
  }
}

async function told(registry: Registry): Promise<readonly string[]> {
  const { documents, problem } = await lookUpAttached(registry, image);
  return [
    ...documents.map((one) => (one.envelope === null ? `not: ${one.problem}` : 'kept')),
    ...(problem === null ? [] : [`problem: ${problem}`]),
  ];
}

const tag = image.replace(':', '-');

describe('what is found of VEX', () => {
  it.each<[string, (registry: Registry) => void, readonly string[]]>([
    ['nothing', () => undefined, []],
    ['an envelope', (one) => one.attach([{ text: envelope() }]), ['kept']],
    [
      'a bundle',
      (one) =>
        one.attach(
          [
            {
              text: JSON.stringify({ dsseEnvelope: JSON.parse(envelope()) as unknown }),
              mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
            },
          ],
          { artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' },
        ),
      ['kept'],
    ],
    [
      'an artifact whose type nobody tells',
      (one) => one.attach([{ text: envelope() }], { artifactType: null }),
      ['kept'],
    ],
    [
      'several, in one manifest of cosign’s tag',
      (one) => one.attach([{ text: envelope() }, { text: envelope(undefined, 'b') }], {}, `${tag}.att`),
      ['kept', 'kept'],
    ],
    [
      'one both ways',
      (one) => {
        one.attach([{ text: envelope() }]);
        one.attach([{ text: envelope() }], {}, `${tag}.att`);
      },
      ['kept'],
    ],
    ['an SBOM', (one) => one.attach([{ text: envelope('https://spdx.dev/Document') }]), []],
    [
      'something else',
      (one) =>
        one.attach([{ text: 'a signature', mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' }], {
          artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
        }),
      [],
    ],
    [
      'a bare statement',
      (one) =>
        one.attach([
          {
            text: Buffer.from((JSON.parse(envelope()) as { payload: string }).payload, 'base64').toString(),
            mediaType: 'application/vnd.in-toto+json',
          },
        ]),
      ['not: it is not signed'],
    ],
    [
      'a bare document',
      (one) =>
        one.attach([{ text: '{}', mediaType: 'application/openvex+json' }], {
          artifactType: 'application/openvex+json',
        }),
      ['not: it is not signed'],
    ],
    [
      'one that is too large',
      (one) => one.attach([{ text: envelope(), size: attachedLimits.documentBytes + 1 }]),
      ['not: it has 1048577 bytes, and 1048576 are read'],
    ],
    [
      'a list that is broken',
      (one) => {
        one.broken = 'list';
        one.attach([{ text: envelope() }], {}, `${tag}.att`);
      },
      ['kept', 'problem: the list is broken'],
    ],
    [
      'a blob that is broken',
      (one) => {
        one.broken = 'blob';
        one.attach([{ text: envelope() }]);
      },
      ['problem: the blob is broken'],
    ],
    [
      'no list, and the tag in its stead',
      (one) => {
        one.attach([{ text: envelope() }]);
        one.hasList = false;
        one.put(tag, Buffer.from(JSON.stringify({ manifests: one.listed })));
      },
      ['kept'],
    ],
    [
      'no list, and a tag that is none',
      (one) => {
        one.hasList = false;
        one.put(tag, Buffer.from('<html>'));
      },
      ['problem: the list of referrers cannot be read: it is not JSON'],
    ],
  ])('%s', async (_, prepare, expected) => {
    const registry = new Registry();
    prepare(registry);
    expect(await told(registry)).toEqual(expected);
  });

  it('does not fetch what is said to be something else', async () => {
    const registry = new Registry();
    registry.attach([{ text: envelope(), predicateType: 'https://slsa.dev/provenance/v1' }]);
    registry.attach([{ text: envelope() }], { predicateType: 'https://spdx.dev/Document' });
    await lookUpAttached(registry, image);
    expect(registry.asked).toEqual(['digest', 'tag']);
  });

  it('counts nothing where more is attached than is looked into: the latest word may be among the rest', async () => {
    const many = new Registry();
    for (let at = 0; at < 60; at += 1) many.attach([{ text: envelope(undefined, `${at}`) }]);
    expect(await told(many)).toEqual([
      'problem: 60 manifests are attached, and 50 are looked into at most: none of it counts',
    ]);
    const large = new Registry();
    for (let at = 0; at < 6; at += 1)
      large.attach([{ text: envelope(undefined, `${at}${'x'.repeat(700_000)}`) }]);
    expect(await told(large)).toEqual([
      'problem: all that is attached has more than 4194304 bytes: none of it counts',
    ]);
  });
});
