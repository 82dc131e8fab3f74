import { createHash } from 'node:crypto';
import { type Digest, parseDigest } from '../core/digest.ts';
import type { Finding } from '../core/finding.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Inventory } from '../core/inventory.ts';
import { type MatchGround, type PackageMatches, packageClasses } from '../core/match.ts';
import { parseManifest } from '../registry/manifest.ts';
import { ociIndexType, ociManifestType } from '../registry/media-types.ts';
import { ANALYZERS } from '../scanner/analyzers.ts';

/** Images of one package each, and what is found in them, for the tests of this room. */

export const start = Date.parse('2026-06-01T12:00:00Z');

export function sha256(content: string | Uint8Array): Digest {
  const digest = parseDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
  if (digest === null) throw new Error('no digest');
  return digest;
}

export interface SampleImage {
  readonly stored: StoredManifest;
  readonly config: Digest;
  readonly layer: Digest;
}

/** `name` is the package in it; the matcher knows which packages are vulnerable. `layer`: shared ones are equal. */
export function image(name: string, layer = `layer of ${name}`): SampleImage {
  const config = sha256(`config of ${name}`);
  const layerDigest = sha256(layer);
  const content = {
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config, size: 10 },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: layerDigest, size: 20 }],
    annotations: { name },
  };
  return { stored: store(content, ociManifestType), config, layer: layerDigest };
}

/** Entries are manifests with the platform that the index states; null: none. */
export function index(...entries: readonly (readonly [StoredManifest, string | null])[]): StoredManifest {
  const manifests = entries.map(([{ digest, mediaType, bytes }, platform]) => {
    const [os, architecture] = platform?.split('/') ?? [];
    return {
      mediaType,
      digest,
      size: bytes.length,
      ...(platform === null ? {} : { platform: { os, architecture } }),
    };
  });
  return store({ schemaVersion: 2, mediaType: ociIndexType, manifests }, ociIndexType);
}

function store(content: object, mediaType: string): StoredManifest {
  const bytes = Buffer.from(JSON.stringify(content));
  return { digest: sha256(bytes), mediaType, bytes, manifest: parseManifest(bytes, mediaType) };
}

export function inventoryOf(name: string): Inventory {
  return {
    os: { id: 'debian', versionId: '12', name: 'Debian' },
    platform: null,
    packages: [
      {
        type: 'deb',
        name,
        version: '1',
        arch: 'amd64',
        source: { name, version: '1' },
        purl: `pkg:deb/debian/${name}@1`,
        layer: null,
        paths: [],
        licenses: [],
      },
    ],
    incomplete: [],
    unfit: [],
    analyzers: ANALYZERS,
    content: 'image',
    facts: null,
    checks: [],
  };
}

/** @param name of the one package */
export function foundIn(name: string, vulnerable: boolean, revision: string): PackageMatches {
  const updatedAt = new Date(start - 86_400_000).toISOString();
  const finding: Finding = {
    id: 'CVE-2026-1',
    kind: 'vulnerability',
    aliases: [],
    package: name,
    source: name,
    packageType: 'deb',
    version: '1',
    purl: `pkg:deb/debian/${name}@1`,
    severity: 'critical',
    cvss: null,
    status: 'fixed',
    fixedVersion: '2',
    kev: false,
    epss: null,
    published: null,
    fixedSince: null,
    url: '',
    summary: '',
  };
  const debian = {
    ecosystem: 'Debian:12',
    release: '12',
    feed: 'osv:Debian',
    updatedAt,
    covered: true,
    known: true,
  };
  return {
    revision,
    ground: {
      system: debian,
      classes: Object.fromEntries(packageClasses.map((its) => [its, debian])) as MatchGround['classes'],
      catalogues: [],
      endOfLife: null,
    },
    packages: [{ findings: vulnerable ? [finding] : [], spokenFor: null }],
  };
}
