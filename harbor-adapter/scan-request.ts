import { z } from 'zod';
import { parseDigest } from '../core/digest.ts';
import type { ReportKind, ScannedArtifact } from '../core/ports/scan-jobs.ts';
import type { ScanSource } from '../core/ports/scans.ts';
import { repositoryPathPattern } from '../core/reference.ts';
import {
  bareMediaType,
  dockerManifestType,
  manifestShapes,
  ociManifestType,
} from '../registry/media-types.ts';
import { parseStrictJson } from '../registry/strict-json.ts';
import { parseAuthorization } from './authorization.ts';
import { type Offer, parseCapabilities } from './capabilities.ts';
import { clip, isRefusal, type Refusal, refusal } from './refusal.ts';
import { parseRegistryUrl } from './registry-url.ts';

/** A scan that was asked for, in values that cannot be wrong. */
export interface ScanRequest {
  readonly source: ScanSource;
  readonly artifact: ScannedArtifact;
  readonly kinds: readonly ReportKind[];
  readonly sbomMediaTypes: readonly string[];
}

export interface RequestRules extends Offer {
  /** Hosts that may be dialled; null: any. */
  readonly registries: readonly string[] | null;
}

const text = z.string().nullish();
/** Types alone, all optional: Harbor's Go writes `null` for what it leaves out. Unknown fields are let be. */
const schema = z.object({
  registry: z.object({ url: text, authorization: text, insecure: z.boolean().nullish() }).nullish(),
  artifact: z.object({ repository: text, digest: text, tag: text, mime_type: text }).nullish(),
  enabled_capabilities: z
    .array(
      z.object({
        type: text,
        produces_mime_types: z.array(z.string()).nullish(),
        parameters: z.object({ sbom_media_types: z.array(z.string()).nullish() }).nullish(),
      }),
    )
    .nullish(),
});

/** Names whose other spellings Go would take for the same. */
const names = ['registry', 'url', 'authorization', 'insecure', 'artifact', 'repository', 'digest'].concat([
  'tag',
  'mime_type',
  'enabled_capabilities',
  'type',
  'produces_mime_types',
  'parameters',
  'sbom_media_types',
]);

const longestRepository = 255;
const longestTag = 128;

/** Reads the body of `POST /scan`: 400 where it is no such JSON, 422 and 501 where a field is not allowed. */
export function parseScanRequest(body: Uint8Array, rules: RequestRules): ScanRequest | Refusal {
  let value: unknown;
  try {
    value = parseStrictJson(body, { names, maps: [] });
  } catch (error) {
    return refusal(
      400,
      `the scan request cannot be read: ${error instanceof Error ? error.message : 'it is not JSON'}`,
    );
  }
  const result = schema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
    return refusal(400, `the scan request cannot be read: ${clip(path)}: ${issue?.message ?? 'wrong'}`);
  }
  const capabilities = parseCapabilities(result.data.enabled_capabilities ?? [], rules);
  if (isRefusal(capabilities)) return capabilities;
  const artifact = parseArtifact(result.data.artifact ?? {});
  if (isRefusal(artifact)) return artifact;
  const source = parseSource(result.data.registry ?? {}, artifact, rules);
  return isRefusal(source) ? source : { source, artifact: artifact.scanned, ...capabilities };
}

interface ParsedArtifact extends Pick<ScanSource, 'repository' | 'digest'> {
  readonly scanned: ScannedArtifact;
}

function parseArtifact(given: NonNullable<z.infer<typeof schema>['artifact']>): ParsedArtifact | Refusal {
  const repository = given.repository ?? '';
  if (repository.length > longestRepository || !repositoryPathPattern.test(repository)) {
    return refusal(422, `artifact.repository is "${clip(repository)}": that is not the path of a repository`);
  }
  const digest = parseDigest(given.digest ?? '');
  if (digest === null) {
    return refusal(
      422,
      `artifact.digest is "${clip(given.digest ?? '')}": it has to be sha256: with 64 or sha512: with 128 hexadecimal digits`,
    );
  }
  const tag = given.tag ?? '';
  if (tag.length > longestTag) return refusal(422, `artifact.tag has more than ${longestTag} characters`);
  const mimeType = given.mime_type ?? '';
  const wrong = refuseMimeType(mimeType);
  if (wrong !== null) return wrong;
  return { repository, digest, scanned: { repository, digest, tag: tag === '' ? null : tag, mimeType } };
}

/** Nothing said is let pass: what the registry then gives is what counts. */
function refuseMimeType(mimeType: string): Refusal | null {
  const bare = bareMediaType(mimeType);
  if (bare === null || bare === ociManifestType || bare === dockerManifestType) return null;
  return refusal(
    422,
    manifestShapes.get(bare) === 'index'
      ? 'artifact.mime_type is that of an index: an index is not scanned, but each image in it is'
      : `artifact.mime_type is "${clip(mimeType)}": only container images are scanned (${ociManifestType} or ${dockerManifestType})`,
  );
}

function parseSource(
  given: NonNullable<z.infer<typeof schema>['registry']>,
  { repository, digest }: ParsedArtifact,
  rules: RequestRules,
): ScanSource | Refusal {
  const registry = parseRegistryUrl(given.url ?? '', rules.registries);
  if (typeof registry !== 'string') return registry;
  const authorization = parseAuthorization(given.authorization ?? '');
  if (authorization === null) {
    return refusal(
      422,
      'registry.authorization cannot be read: it has to be "Basic" with base64 of a name, a colon and a secret, or "Bearer" with a token, or empty',
    );
  }
  // Whoever writes http:// has said that there is no TLS.
  const insecure = given.insecure === true || registry.startsWith('http:');
  return { registry, insecure, authorization, repository, digest };
}
