import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Digest } from '../../core/digest.ts';
import { type BuiltImage, buildImage } from './images.ts';

/** VEX as authors of images attach it, by whatever way. */

export interface Signer {
  /** PEM. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

export function makeSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), privateKey };
}

export interface VexSpec {
  readonly vulnerability: string;
  /** Identifiers. */
  readonly products: readonly string[];
  readonly status?: string;
  readonly timestamp?: string;
}

export function openVexDocument({
  vulnerability,
  products,
  status = 'not_affected',
  timestamp,
}: VexSpec): object {
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': 'https://author.example/vex/1',
    author: 'The Author',
    timestamp: timestamp ?? '2026-01-01T00:00:00Z',
    version: 1,
    statements: [
      {
        vulnerability: { name: vulnerability },
        products: products.map((id) => ({ '@id': id })),
        status,
        ...(status === 'not_affected' ? { justification: 'vulnerable_code_not_in_execute_path' } : {}),
      },
    ],
  };
}

/** As `cosign attest --type openvex` makes it; without a signer it has no signature. */
export function attestation(document: object, subject: Digest, signer: Signer | null): Buffer {
  const type = 'application/vnd.in-toto+json';
  const payload = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://openvex.dev/ns',
      subject: [{ name: 'app', digest: { sha256: subject.slice('sha256:'.length) } }],
      predicate: document,
    }),
  );
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const signatures =
    signer === null ? [] : [{ keyid: '', sig: sign('sha256', signed, signer.privateKey).toString('base64') }];
  return Buffer.from(JSON.stringify({ payloadType: type, payload: payload.toString('base64'), signatures }));
}

const envelopeType = 'application/vnd.dsse.envelope.v1+json';

/** The artifact that holds it, which refers to an image as its subject or, without one, by its tag alone. */
export function attached(envelope: Uint8Array, subject: BuiltImage | null): BuiltImage {
  return buildImage({
    rawConfig: { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') },
    layers: [{ blob: envelope, diffId: `sha256:${'0'.repeat(64)}` as Digest, mediaType: envelopeType }],
    manifest: {
      artifactType: envelopeType,
      ...(subject === null
        ? {}
        : {
            subject: {
              mediaType: subject.manifest.mediaType,
              digest: subject.manifest.digest,
              size: subject.manifest.bytes.length,
            },
          }),
    },
  });
}
