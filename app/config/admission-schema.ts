import { z } from 'zod';
import { PratiqueError } from '../../core/errors.ts';
import { canonicalHost } from '../../core/reference.ts';
import { type CustomKind, clusterKinds, keyOf, type PodPath, parseSteps } from '../../webhook/kinds.ts';
import type { MutateSettings } from '../../webhook/pinning.ts';
import { strict } from './strict.ts';

const mostKinds = 100;
const mostVersions = 10;
const mostPaths = 8;
const groupPattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const versionPattern = /^v[0-9][a-z0-9]{0,61}$/;
const kindPattern = /^[A-Z][A-Za-z0-9]{0,62}$/;

const groupText = 'an API group such as argoproj.io';
const versionText = 'a version such as v1alpha1';
const kindText = 'a kind such as Rollout';
const pathText = 'a path such as spec.template or spec.tasks[].template';

const version = z.string({ error: versionText }).regex(versionPattern, { error: versionText });
const path = z
  .string({ error: pathText })
  .refine((value) => value.length <= 500 && parseSteps(value) !== null, { error: pathText });
const paths = z
  .union([path, z.array(path).min(1).max(mostPaths)], {
    error: `${pathText}, or a list of at most ${mostPaths}`,
  })
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .optional();

const kindSchema = strict({
  group: z
    .string({ error: groupText })
    .max(253, { error: groupText })
    .regex(groupPattern, { error: groupText }),
  version: version.optional(),
  versions: z
    .array(version, { error: `a list of versions, each ${versionText}` })
    .min(1, { error: 'at least one version' })
    .max(mostVersions, { error: `at most ${mostVersions} versions` })
    .optional(),
  kind: z.string({ error: kindText }).regex(kindPattern, { error: kindText }),
  podTemplate: paths,
  podSpec: paths,
})
  .refine((value) => (value.version === undefined) !== (value.versions === undefined), {
    error: 'version or versions, and not both',
  })
  .refine((value) => value.podTemplate !== undefined || value.podSpec !== undefined, {
    error: 'podTemplate, podSpec or both',
  });

/** Kinds beside the cluster's own, and where they name their Pods. */
export const kindsSchema = z
  .array(kindSchema, { error: 'a list of kinds' })
  .max(mostKinds, { error: `at most ${mostKinds} kinds` })
  .default([]);

const hostText = 'a host of the proxy, with a dot or its port: registry.corp.example or localhost:5000';

/** A host that is read as one in front of a path, in the one spelling that it has. */
function proxyHost(value: string): string | null {
  const host = canonicalHost(value);
  return host !== null && (/[.:]/.test(host) || host === 'localhost') ? host : null;
}

/** What the mutating webhook does. */
export const mutateSchema = strict({
  pin: z.enum(['pods', 'off'], { error: 'pods, or "off"' }).default('pods'),
  templates: z.boolean({ error: 'true or false' }).default(false),
  rewrite: strict({
    to: z.string({ error: hostText }).refine((value) => proxyHost(value) !== null, { error: hostText }),
  }).optional(),
});

/** @throws PratiqueError `config-invalid` for a kind that is read already */
export function buildKinds(kinds: z.infer<typeof kindsSchema>, fileName: string): readonly CustomKind[] {
  const known = new Set(clusterKinds.keys());
  return kinds.map(({ group, version: one, versions = [], kind, podTemplate = [], podSpec = [] }, index) => {
    const all = one === undefined ? versions : [one];
    for (const each of all) {
      const key = keyOf({ group, version: each, kind });
      if (!known.has(key)) known.add(key);
      else {
        const at = `webhook.kinds[${index}]`;
        throw new PratiqueError(
          'config-invalid',
          `${fileName} ${at}: found ${key}, allowed a kind that is not read already`,
          { setting: at },
        );
      }
    }
    return {
      ...{ group, versions: all, kind },
      paths: [...pathsOf('template', podTemplate), ...pathsOf('spec', podSpec)],
    };
  });
}

function pathsOf(holds: PodPath['holds'], texts: readonly string[]): PodPath[] {
  return texts.map((text) => ({ holds, steps: parseSteps(text) ?? [] }));
}

/**
 * @param publicNames hosts by which clients know the proxy; null: they are not known here
 * @throws PratiqueError `config-invalid` where images would be named through a host that is not the proxy's
 */
export function buildMutate(
  { pin, templates, rewrite }: z.infer<typeof mutateSchema>,
  publicNames: readonly string[] | null,
  fileName: string,
): MutateSettings {
  const rewriteTo = rewrite === undefined ? null : proxyHost(rewrite.to);
  if (rewriteTo !== null && publicNames !== null && !publicNames.map(canonicalHost).includes(rewriteTo)) {
    const at = 'webhook.mutate.rewrite.to';
    throw new PratiqueError(
      'config-invalid',
      `${fileName} ${at}: found "${rewriteTo}", allowed one of publicNames (${publicNames.slice(0, 10).join(', ') || 'there is none'}): images named so would be of no known registry`,
      { setting: at },
    );
  }
  return { pin: pin === 'pods', templates, rewriteTo };
}
