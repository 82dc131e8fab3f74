import { z } from 'zod';
import { PratiqueError } from '../core/errors.ts';
import type { ImageConfig } from '../core/image.ts';
import { digestSchema } from './descriptor.ts';
import { parseStrictJson } from './strict-json.ts';

/** Bytes; real ones have a few thousand. */
export const configLimit = 8 * 1024 ** 2;
/** As many as a manifest may have layers. */
const diffIdLimit = 512;

const rules = {
  names: [
    'architecture',
    'os',
    'variant',
    'created',
    'config',
    'rootfs',
    'diff_ids',
    'User',
    'Labels',
    'ExposedPorts',
    'Env',
  ],
  // Their keys are chosen by whoever built the image, or, as in `history`, are read by no runtime.
  maps: ['Labels', 'ExposedPorts', 'Volumes', 'container_config', 'history'],
};

const text = z.string().nullish();

const configSchema = z.object({
  architecture: text,
  os: text,
  variant: text,
  created: text,
  config: z
    .object({
      User: text,
      Labels: z.unknown().optional(),
      ExposedPorts: z.unknown().optional(),
      Healthcheck: z.unknown().optional(),
      Env: z.unknown().optional(),
    })
    .nullish(),
  history: z.unknown().optional(),
  rootfs: z.object({ diff_ids: z.array(digestSchema).max(diffIdLimit) }),
});

/**
 * Reads an image's config file (OCI image spec, "Image Configuration"). null: it is JSON, but without
 * `rootfs.diff_ids` it is not that of a container image (a chart's, a signature's, an empty one).
 * @throws PratiqueError `image-config-invalid` for everything that one reader could take for an image config
 * and another not
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig | null {
  if (bytes.length > configLimit) {
    throw invalid(`it has ${bytes.length} bytes, the limit is ${configLimit}`);
  }
  let content: unknown;
  try {
    content = parseStrictJson(bytes, rules);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  if (!hasDiffIds(content)) return null;
  const parsed = configSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not as it has to be'}`);
  }
  const { architecture, os, variant, created, config, history, rootfs } = parsed.data;
  return {
    // Signatures are written with an empty platform; for images it is the index that chooses.
    platform: { os: os ?? '', architecture: architecture ?? '', variant: variant ? variant : null },
    created: created ?? null,
    user: config?.User ?? null,
    labels: labelsOf(config?.Labels),
    exposedPorts: portsOf(config?.ExposedPorts),
    healthcheck: hasHealthcheck(config?.Healthcheck),
    env: envOf(config?.Env),
    history: historyOf(history),
    diffIds: rootfs.diff_ids,
  };
}

function hasDiffIds(content: unknown): boolean {
  if (typeof content !== 'object' || content === null || !('rootfs' in content)) return false;
  const { rootfs } = content;
  return (
    typeof rootfs === 'object' && rootfs !== null && 'diff_ids' in rootfs && Array.isArray(rootfs.diff_ids)
  );
}

/** By hand, since a label may be named `__proto__`. */
function labelsOf(labels: unknown): Readonly<Record<string, string>> {
  const result = Object.create(null) as Record<string, string>;
  if (labels === undefined || labels === null) return result;
  if (typeof labels !== 'object' || Array.isArray(labels)) throw invalid('config.Labels: is not a map');
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== 'string') throw invalid(`config.Labels.${key.slice(0, 100)}: is not a text`);
    result[key] = value;
  }
  return result;
}

function portsOf(ports: unknown): readonly string[] {
  if (ports === undefined || ports === null) return [];
  if (typeof ports !== 'object' || Array.isArray(ports)) throw invalid('config.ExposedPorts: is not a map');
  return Object.keys(ports);
}

/** Runtimes read a list of texts, or nothing. */
function envOf(env: unknown): readonly string[] {
  if (env === undefined || env === null) return [];
  if (!Array.isArray(env) || !env.every((entry) => typeof entry === 'string')) {
    throw invalid('config.Env: is not a list of texts');
  }
  return env;
}

/** No runtime reads it, so that whatever is no list of steps says nothing. */
function historyOf(history: unknown): readonly string[] {
  if (!Array.isArray(history)) return [];
  return history.map((step: unknown) => {
    if (typeof step !== 'object' || step === null || !('created_by' in step)) return '';
    return typeof step.created_by === 'string' ? step.created_by : '';
  });
}

/** Docker's addition to the specification: `["NONE"]` is none, `[]` that of the base. What cannot be read is none. */
function hasHealthcheck(healthcheck: unknown): boolean {
  if (typeof healthcheck !== 'object' || healthcheck === null || !('Test' in healthcheck)) return false;
  const { Test: command } = healthcheck;
  return Array.isArray(command) && command.length > 0 && command[0] !== 'NONE';
}

function invalid(why: string): PratiqueError {
  return new PratiqueError('image-config-invalid', `the image config cannot be read: ${why}`);
}
