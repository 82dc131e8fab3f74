import type { z } from 'zod';
import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import {
  type AdapterMetadata,
  adapterMetadata,
  allowlist,
  type HarborAllowlist,
  type Health,
  health,
  type Project,
  project,
  projectScanner,
  type Registration,
  type RegistryEndpoint,
  registration,
  registryEndpoint,
  type Schedule,
  type SystemInfo,
  schedule,
  systemInfo,
} from './answers.ts';
import type { HarborAnswer, HarborClient } from './client.ts';

/** A scanner registration as Harbor is told of it. */
export interface RegistrationRequest {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly auth: '' | 'Basic' | 'Bearer' | 'APIKey';
  readonly access_credential: string;
  readonly skip_certVerify: boolean;
  readonly use_internal_addr: boolean;
  readonly disabled: boolean;
}

export interface AllowlistRequest {
  /** Seconds since 1970; null: no end, which an empty list alone may have. */
  readonly expires_at: number | null;
  readonly items: readonly { readonly cve_id: string }[];
}

/** As many as were read; `total` is what Harbor says there are. */
export interface Listing<T> {
  readonly items: readonly T[];
  readonly total: number;
}

/** Harbor's API as far as Pratique uses it. Everything throws as HarborClient does. */
export interface HarborApi {
  /** `date` is the clock of Harbor's answer, milliseconds; null where it told none. */
  readonly systemInfo: () => Promise<{ readonly info: SystemInfo; readonly date: number | null }>;
  readonly health: () => Promise<Health>;
  readonly listScanners: () => Promise<readonly Registration[]>;
  readonly getScanner: (uuid: string) => Promise<Registration>;
  readonly scannerMetadata: (uuid: string) => Promise<AdapterMetadata>;
  readonly pingScanner: (request: RegistrationRequest) => Promise<void>;
  readonly createScanner: (request: RegistrationRequest) => Promise<void>;
  readonly updateScanner: (uuid: string, request: RegistrationRequest) => Promise<void>;
  readonly makeDefault: (uuid: string) => Promise<void>;
  readonly listProjects: () => Promise<Listing<Project>>;
  readonly getProject: (name: string) => Promise<Project>;
  /** The scanner in force for a project; null: none. */
  readonly scannerOfProject: (name: string) => Promise<Registration | null>;
  readonly getRegistry: (id: number) => Promise<RegistryEndpoint>;
  /** null: images are not scanned again by themselves. */
  readonly scanSchedule: () => Promise<Schedule>;
  readonly systemAllowlist: () => Promise<HarborAllowlist>;
  readonly setSystemAllowlist: (list: AllowlistRequest) => Promise<void>;
  readonly setProjectAllowlist: (name: string, list: AllowlistRequest) => Promise<void>;
}

/** Harbor's largest page. */
const pageSize = 100;
const mostPages = 20;

export function createHarborApi(client: HarborClient): HarborApi {
  const get = async <T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> =>
    read(path, await client('GET', path), schema);
  const list = async <T extends z.ZodType>(path: string, schema: T): Promise<Listing<z.output<T>>> => {
    const items: z.output<T>[] = [];
    let total = 0;
    for (let page = 1; page <= mostPages; page += 1) {
      const at = `${path}?page=${page}&page_size=${pageSize}`;
      const answer = await client('GET', at);
      const found = read(at, answer, schema.array());
      items.push(...found);
      total = Math.max(answer.total ?? 0, items.length);
      if (found.length < pageSize && items.length >= total) break;
      if (found.length === 0) break;
    }
    return { items, total };
  };
  const send = async (method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown): Promise<void> => {
    await client(method, path, body);
  };
  const scannerPath = (uuid: string): string => `/scanners/${encodeURIComponent(uuid)}`;
  const projectPath = (name: string): string => `/projects/${encodeURIComponent(name)}`;

  return {
    systemInfo: async () => {
      const answer = await client('GET', '/systeminfo');
      return { info: read('/systeminfo', answer, systemInfo), date: answer.date };
    },
    health: () => get('/health', health),
    listScanners: async () => (await list('/scanners', registration)).items,
    getScanner: (uuid) => get(scannerPath(uuid), registration),
    scannerMetadata: (uuid) => get(`${scannerPath(uuid)}/metadata`, adapterMetadata),
    pingScanner: ({ name, url, auth, access_credential }) =>
      send('POST', '/scanners/ping', { name, url, auth, access_credential }),
    createScanner: (request) => send('POST', '/scanners', request),
    updateScanner: (uuid, request) => send('PUT', scannerPath(uuid), request),
    makeDefault: (uuid) => send('PATCH', scannerPath(uuid), { is_default: true }),
    listProjects: () => list('/projects', project),
    getProject: (name) => get(projectPath(name), project),
    scannerOfProject: (name) => get(`${projectPath(name)}/scanner`, projectScanner),
    getRegistry: (id) => get(`/registries/${id}`, registryEndpoint),
    scanSchedule: () =>
      get('/system/scanAll/schedule', schedule).catch((error: unknown) => {
        // How Harbor says that it has no scanner yet.
        if (isPratiqueError(error) && error.fields.status === 412) return null;
        throw error;
      }),
    systemAllowlist: () => get('/system/CVEAllowlist', allowlist),
    setSystemAllowlist: (wanted) => send('PUT', '/system/CVEAllowlist', bodyOf(wanted)),
    setProjectAllowlist: (name, wanted) => send('PUT', projectPath(name), { cve_allowlist: bodyOf(wanted) }),
  };
}

function bodyOf({ expires_at, items }: AllowlistRequest): unknown {
  return expires_at === null ? { items } : { items, expires_at };
}

function read<T extends z.ZodType>(path: string, { body }: HarborAnswer, schema: T): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new PratiqueError(
    'harbor-misbehaved',
    `Harbor's answer to GET ${path} is not what its API describes${place}: ${issue?.message ?? 'unknown'}. Check that --url is the address of a Harbor 2`,
    { path },
  );
}
