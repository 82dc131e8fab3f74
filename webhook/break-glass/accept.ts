import { z } from 'zod';
import { parseDuration } from '../../policy/time.ts';
import type { PatchOperation } from '../patch.ts';
import type { AdmissionRequest, Decision } from '../review.ts';
import { refusal } from '../words.ts';
import { askedSchema, type Glass, glassLabel, glassPrefix, signatureOf } from './glass.ts';

export interface GlassRules {
  /** Whose members may break it. Empty: nobody. */
  readonly groups: readonly string[];
  /** Milliseconds. */
  readonly longest: number;
  /** Where the ConfigMaps lie. */
  readonly namespace: string;
  readonly key: Buffer;
}

export interface Acceptance {
  readonly decision: Decision;
  readonly patch: readonly PatchOperation[];
  /** What was accepted; null: nothing, or a dry run. */
  readonly glass: Glass | null;
}

const objectSchema = z.object({
  metadata: z.object({
    name: z.string().optional(),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
  data: z.unknown().optional(),
  binaryData: z.unknown().optional(),
  immutable: z.boolean().nullish(),
});
type ConfigMap = z.output<typeof objectSchema>;

/**
 * What is answered to somebody who makes a break-glass. Who it is the API server says, and how long it holds the clock here:
 * nothing of that is taken from the object. What is accepted is signed; a change of it is refused.
 * @param at milliseconds since 1970
 */
export function acceptGlass(rules: GlassRules, request: AdmissionRequest, at: number): Acceptance {
  const { kind, operation, namespace, user, groups, dryRun } = request;
  if (kind.group !== '' || kind.kind !== 'ConfigMap' || namespace !== rules.namespace) return pass();
  if (operation !== 'CREATE' && operation !== 'UPDATE') return pass();
  const object = objectSchema.safeParse(request.object);
  if (!object.success) return refuse(['the ConfigMap cannot be read']);
  // Who takes the label away ends it.
  if (!isLabelled(object.data)) return pass();
  const before = objectSchema.safeParse(request.oldObject);
  if (operation === 'UPDATE' && before.success && isLabelled(before.data)) {
    return sameData(object.data, before.data)
      ? pass()
      : refuse(['a break-glass is not changed: delete it, and make another one']);
  }
  if (rules.groups.length === 0) return refuse(['no group may break the glass (webhook.breakGlass.groups)']);
  if (user === null || !groups.some((group) => rules.groups.includes(group))) {
    return refuse([`${user ?? 'who asks'} is in none of the groups that may break the glass`]);
  }
  const name = object.data.metadata.name ?? request.name ?? '';
  if (!name.startsWith(glassPrefix)) {
    return refuse([`a break-glass has a name that begins with ${glassPrefix}, and this one is "${name}"`]);
  }
  const asked = askedSchema.safeParse(object.data.data);
  if (!asked.success || object.data.binaryData !== undefined) return refuse(problemsOf(asked));
  const time = parseDuration(asked.data.for);
  if (time === null || time <= 0 || time > rules.longest) {
    const most = Math.floor(rules.longest / 60_000);
    return refuse([
      `data.for: found "${asked.data.for}", allowed a time such as 30m or 2h, and at most ${most} minutes (webhook.breakGlass.longest)`,
    ]);
  }
  const glass: Glass = {
    name,
    namespaces: asked.data.namespaces,
    reason: asked.data.reason,
    user,
    acceptedAt: new Date(at).toISOString(),
    until: new Date(at + time).toISOString(),
  };
  // What a dry run is answered is stored nowhere, and must not serve anybody.
  if (dryRun) return { ...pass(), decision: allowed([], {}) };
  return {
    decision: allowed(
      [
        `Pratique: until ${glass.until} nothing is refused in ${glass.namespaces.join(', ')}; delete the ConfigMap to end it earlier`,
      ],
      { 'break-glass': `${user} until ${glass.until} in ${glass.namespaces.join(',')}: ${glass.reason}` },
    ),
    patch: patchOf(glass, signatureOf(rules.key, glass)),
    glass,
  };
}

function patchOf(
  { namespaces, reason, user, acceptedAt, until }: Glass,
  signature: string,
): readonly PatchOperation[] {
  const data = { namespaces: namespaces.join(','), reason, user, acceptedAt, until, signature };
  return Object.entries(data).map(([key, value]) => ({ op: 'add', path: `/data/${key}`, value }));
}

function isLabelled({ metadata }: ConfigMap): boolean {
  const labels = metadata.labels ?? {};
  return Object.hasOwn(labels, glassLabel) && labels[glassLabel] === 'true';
}

/** Of what the API server has stored both are in one order. */
function sameData(one: ConfigMap, other: ConfigMap): boolean {
  const text = ({ data, binaryData }: ConfigMap): string =>
    JSON.stringify([sorted(data), binaryData === undefined ? null : binaryData]);
  return text(one) === text(other);
}

function sorted(data: unknown): unknown {
  if (typeof data !== 'object' || data === null) return null;
  return Object.entries(data).sort(([one], [other]) => (one < other ? -1 : 1));
}

function problemsOf(result: z.ZodSafeParseResult<unknown>): readonly string[] {
  if (result.success) return ['a break-glass has no binaryData'];
  return result.error.issues.slice(0, 5).map(({ path, message }) => `data.${path.join('.')}: ${message}`);
}

function allowed(warnings: readonly string[], audit: Decision['audit']): Decision {
  return { allowed: true, message: null, warnings, audit };
}

function pass(): Acceptance {
  return { decision: allowed([], {}), patch: [], glass: null };
}

function refuse(reasons: readonly string[]): Acceptance {
  return { decision: refusal(reasons), patch: [], glass: null };
}
