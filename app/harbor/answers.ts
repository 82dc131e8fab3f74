import { z } from 'zod';

/** What is used of Harbor's answers (api/v2.0/swagger.yaml). Harbor leaves out what is empty. */

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
/** Project metadata are texts: "true", "false" or left out, which mostly means no. */
const textFlag = (missing: boolean) =>
  z
    .string()
    .nullish()
    .transform((value) => (value === null || value === undefined ? missing : /^(?:true|1)$/i.test(value)));

export const systemInfo = z.object({
  harbor_version: text,
  registry_url: text,
  external_url: text,
  read_only: flag,
});
export type SystemInfo = z.output<typeof systemInfo>;

export const health = z.object({
  status: text,
  components: z
    .array(z.object({ name: text, status: text, error: text }))
    .nullish()
    .transform((all) => all ?? []),
});
export type Health = z.output<typeof health>;

/** The credential, which older Harbors send along, is not taken up. */
export const registration = z.object({
  uuid: z.string().min(1),
  name: z.string(),
  url: z.string(),
  description: text,
  disabled: flag,
  is_default: flag,
  auth: text,
  skip_certVerify: flag,
  use_internal_addr: flag,
});
export type Registration = z.output<typeof registration>;

/** null: no scanner is in force; Harbor then sends nothing, or an object without a uuid. */
export const projectScanner = z.union([
  registration,
  z.null(),
  z.object({ uuid: z.literal('').optional() }).transform(() => null),
]);

export const adapterMetadata = z.object({
  scanner: z.object({ name: text, vendor: text, version: text }),
  capabilities: z
    .array(z.object({ type: text, produces_mime_types: z.array(z.string()).nullish() }))
    .nullish()
    .transform((all) => all ?? []),
  properties: z
    .record(z.string(), z.string())
    .nullish()
    .transform((all) => all ?? {}),
});
export type AdapterMetadata = z.output<typeof adapterMetadata>;

export const allowlist = z.object({
  /** Seconds since 1970; null: it does not end. */
  expires_at: z
    .number()
    .nullish()
    .transform((value) => value ?? null),
  items: z
    .array(z.object({ cve_id: z.string() }))
    .nullish()
    .transform((all) => all ?? []),
});
export type HarborAllowlist = z.output<typeof allowlist>;

const projectMetadata = z.object({
  prevent_vul: textFlag(false),
  severity: text,
  auto_scan: textFlag(false),
  /** A project follows the system's allowlist until it is told otherwise. */
  reuse_sys_cve_allowlist: textFlag(true),
});

export const project = z.object({
  project_id: z.number(),
  name: z.string(),
  /** Above 0: a proxy cache of that registry. */
  registry_id: z
    .number()
    .nullish()
    .transform((value) => value ?? 0),
  metadata: projectMetadata.nullish().transform((value) => value ?? projectMetadata.parse({})),
  cve_allowlist: allowlist.nullish().transform((value) => value ?? { expires_at: null, items: [] }),
});
export type Project = z.output<typeof project>;

export const registryEndpoint = z.object({ url: text, name: text, status: text });
export type RegistryEndpoint = z.output<typeof registryEndpoint>;

export const schedule = z
  .object({ schedule: z.object({ type: text, cron: text }).nullish() })
  .nullable()
  .transform((value) => value?.schedule ?? null);
export type Schedule = z.output<typeof schedule>;
