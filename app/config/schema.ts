import { z } from 'zod';
import { keptRevisions } from '../../core/ports/advisories.ts';
import { parseDuration } from '../../policy/time.ts';
import { defaultUploadLimits } from '../../registry/uploads/port.ts';
import { defaultLayerLimits } from '../../scanner/limits.ts';
import { defaultVettingLimits } from '../../vetting/limits.ts';
import { kindsSchema, mutateSchema } from './admission-schema.ts';
import { authSchema } from './auth-schema.ts';
import { boundListSchema } from './bound-schema.ts';
import { breakGlassSchema } from './break-glass.ts';
import { cacheSchema } from './cache-schema.ts';
import { eventsSchema } from './events-schema.ts';
import { gatekeeperSchema } from './gatekeeper.ts';
import { gatesSchema } from './gates-schema.ts';
import { harborAdapterSchema } from './harbor-adapter-schema.ts';
import { prefetchListSchema } from './prefetch-schema.ts';
import {
  connectionsPerAddressSchema,
  connectionsSchema,
  perPullerSchema,
  tlsSchema,
  trustedProxiesSchema,
} from './registry-port-schema.ts';
import { runningSchema } from './running-schema.ts';
import { scannerSchema } from './scanner-schema.ts';
import { strict } from './strict.ts';
import { hostedSchema } from './tags-schema.ts';
import { platformSchema, upstreamSchema } from './upstreams-schema.ts';
import { webhookProxySchema } from './webhook-proxy.ts';
import { webhookTlsRules, webhookTlsShape } from './webhook-tls.ts';

const listenPattern = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$/;
const secondsPattern = /^[1-9][0-9]{0,4}s$/;
const hostPattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?$/;

const text = z.string({ error: 'a text' }).min(1, { error: 'a text that is not empty' });
const listen = z
  .string({ error: 'HOST:PORT, or "off"' })
  .refine((value) => value === 'off' || (listenPattern.test(value) && portOf(value) <= 65_535), {
    error: 'HOST:PORT, or "off"',
  });
const hold = z
  .string({ error: 'a time such as 25s or 5m' })
  .refine((value) => secondsPattern.test(value) || parseDuration(value) !== null, {
    error: 'a time such as 25s or 5m',
  });
const jitterText = 'a time such as 90s or 10m, or "off"';
const delayText = 'a time from 0s to 300s';
const delayPattern = /^(?:[0-9]|[1-9][0-9]|[12][0-9]{2}|300)s$/;
const keepText = 'a whole number from 1 to 100';
const count = z.int({ error: 'a whole number above 0' }).positive({ error: 'a whole number above 0' });
const host = z
  .string({ error: 'a host, with its port if it has one' })
  .regex(hostPattern, { error: 'a host, with its port if it has one' });

/** Kubernetes, "Labels and Selectors": an optional prefix of 253 characters, and a name of 63. */
const labelPattern =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const labelName = 'the name of a label, such as team or example.com/team';
const configurationName = 'the name of a ValidatingWebhookConfiguration';

export const configSchema = strict({
  data: text.optional(),
  listen: strict({
    registry: listen.default('127.0.0.1:5000'),
    management: listen.default('127.0.0.1:5080'),
    webhook: listen.default('127.0.0.1:8443'),
    harborAdapter: listen.default('127.0.0.1:5090'),
    gates: listen.default('off'),
    bound: boundListSchema,
    registryTls: tlsSchema.optional(),
    trustedProxies: trustedProxiesSchema,
  }).prefault({}),
  publicNames: z.array(host, { error: 'a list of hosts' }).default([]),
  upstreams: z
    .array(upstreamSchema, { error: 'a list of upstreams' })
    .min(1, { error: 'at least one upstream' })
    .optional(),
  platforms: z
    .array(platformSchema, { error: 'a list of platforms' })
    .min(1, { error: 'at least one platform' })
    .default(['linux/amd64', 'linux/arm64']),
  policy: text.optional(),
  /** Name of the cluster that the webhook answers. */
  cluster: text.max(253, { error: 'a name of at most 253 characters' }).optional(),
  teamLabel: z
    .string({ error: labelName })
    .max(317, { error: labelName })
    .regex(labelPattern, { error: labelName })
    .default('team'),
  advisories: strict({
    from: text.optional(),
    kev: text.optional(),
    schedule: text.optional(),
    native: z.boolean({ error: 'true or false' }).optional(),
    with: z.array(text, { error: 'a list of names of feeds' }).default([]),
    without: z.array(text, { error: 'a list of names of feeds' }).default([]),
    jitter: z
      .string({ error: jitterText })
      .refine((value) => value === 'off' || secondsPattern.test(value) || parseDuration(value) !== null, {
        error: jitterText,
      })
      .default('10m'),
    keep: z
      .int({ error: keepText })
      .min(1, { error: keepText })
      .max(100, { error: keepText })
      .default(keptRevisions),
    rematch: text.optional(),
  }).prefault({}),
  gate: strict({
    hold: hold.default('25s'),
    dockerHold: hold.default('5m'),
    stopFallback: z.boolean({ error: 'true or false' }).default(false),
  }).prefault({}),
  webhook: strict({
    names: z.array(host, { error: 'a list of host names' }).default([]),
    ...webhookTlsShape,
    /** Where the labels of namespaces are read: a file, or `in-cluster`. */
    kubeconfig: text.optional(),
    /** Whether the API server's plugin ImagePolicyWebhook is answered. */
    imagePolicy: z.boolean({ error: 'true or false' }).default(false),
    /** Answers Gatekeeper where it is there, even as {}. */
    gatekeeper: gatekeeperSchema.optional(),
    running: runningSchema.optional(),
    /** Whose word a webhook has that runs on its own. */
    proxy: webhookProxySchema.optional(),
    /** Tells the cluster of the webhook's certificate authority. */
    register: strict({
      configuration: z
        .string({ error: configurationName })
        .max(253, { error: configurationName })
        .regex(hostPattern, { error: configurationName })
        .refine((value) => !value.includes(':'), { error: configurationName }),
      kubeconfig: text.optional(),
    }).optional(),
    kinds: kindsSchema,
    mutate: mutateSchema.prefault({}),
    breakGlass: breakGlassSchema.optional(),
  })
    .superRefine((value, context) => {
      for (const [fits, message] of webhookTlsRules) {
        if (!fits(value)) context.addIssue({ code: 'custom', message, input: value });
      }
    })
    .refine((value) => value.register === undefined || value.certificate === undefined, {
      error: 'register, or a certificate and key of your own: their authority is not known here',
    })
    .prefault({}),
  gates: gatesSchema,
  auth: authSchema.optional(),
  cache: cacheSchema.prefault({}),
  hosted: hostedSchema.prefault({}),
  prefetch: prefetchListSchema,
  harborAdapter: harborAdapterSchema.prefault({}),
  events: eventsSchema.prefault({}),
  scanner: scannerSchema.prefault({}),
  limits: strict({
    concurrentVettings: count.default(defaultVettingLimits.concurrent),
    queuedVettings: count.default(defaultVettingLimits.queued),
    imageBytes: count.default(defaultVettingLimits.imageBytes),
    layerUnpackedBytes: count.default(defaultLayerLimits.uncompressedBytes),
    layerEntries: count.default(defaultLayerLimits.entries),
    uploadBytes: count.default(defaultUploadLimits.bytes),
    perPuller: perPullerSchema,
    connections: connectionsSchema,
    connectionsPerAddress: connectionsPerAddressSchema,
  }).prefault({}),
  shutdown: strict({
    delay: z.string({ error: delayText }).regex(delayPattern, { error: delayText }).default('0s'),
  }).prefault({}),
  log: strict({
    level: z
      .enum(['debug', 'info', 'warn', 'error'], { error: 'debug, info, warn or error' })
      .default('info'),
    access: z.boolean({ error: 'true or false' }).default(false),
  }).prefault({}),
});

export type ConfigFile = z.infer<typeof configSchema>;

function portOf(value: string): number {
  return Number(value.slice(value.lastIndexOf(':') + 1));
}
