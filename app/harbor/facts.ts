import { isPratiqueError } from '../../core/errors.ts';
import type { AdapterMetadata, HarborAllowlist, Health, Project, Registration, Schedule } from './answers.ts';
import type { HarborApi, Listing } from './api.ts';
import { isPratique, sameAddress } from './registration.ts';

/** What could be read, or the sentence that says why it could not. */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string };

export interface ProjectFacts {
  readonly project: Project;
  readonly scanner: Known<Registration | null>;
  /** Address of the registry that a proxy cache stands before; null where it is none. */
  readonly upstream: Known<string> | null;
}

/** Everything that the doctor looks at, read once. */
export interface HarborFacts {
  readonly url: string;
  readonly versionText: string;
  readonly readOnly: boolean;
  readonly registryHost: string;
  /** Harbor's clock less this one, milliseconds; null where Harbor told no time. */
  readonly skew: number | null;
  readonly health: Known<Health>;
  readonly scanners: readonly Registration[];
  /** Pratique's registration; null: none was found. */
  readonly registration: Registration | null;
  /** What the adapter answers to Harbor. */
  readonly metadata: Known<AdapterMetadata> | null;
  readonly projects: Known<{ readonly all: readonly ProjectFacts[]; readonly total: number }>;
  readonly schedule: Known<Schedule>;
  readonly allowlist: Known<HarborAllowlist>;
}

export interface Looking {
  readonly api: HarborApi;
  readonly url: string;
  /** How Pratique's registration is recognised; null: by what the scanner says of itself. */
  readonly name: string | null;
  readonly adapterUrl: string | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Projects that are looked at one by one; a Harbor may have thousands. */
export const mostProjects = 500;
const atATime = 4;

/** @throws PratiqueError where Harbor cannot be reached or does not let us look at scanners */
export async function gatherFacts(looking: Looking): Promise<HarborFacts> {
  const { api } = looking;
  const { info, date } = await api.systemInfo();
  const skew = date === null ? null : date - looking.now();
  const health = await knowing(api.health());
  const scanners = await api.listScanners();
  const found = await findPratique(looking, scanners);
  return {
    url: looking.url,
    versionText: info.harbor_version,
    readOnly: info.read_only,
    registryHost: info.registry_url === '' ? new URL(looking.url).host : info.registry_url,
    skew,
    health,
    scanners,
    registration: found?.registration ?? null,
    metadata: found?.metadata ?? null,
    projects: await knowing(api.listProjects().then((listing) => projectFacts(api, listing))),
    schedule: await knowing(api.scanSchedule()),
    allowlist: await knowing(api.systemAllowlist()),
  };
}

interface Found {
  readonly registration: Registration;
  readonly metadata: Known<AdapterMetadata>;
}

async function findPratique(
  { api, name, adapterUrl }: Looking,
  scanners: readonly Registration[],
): Promise<Found | null> {
  const withMetadata = async (registration: Registration): Promise<Found> => ({
    registration,
    metadata: await knowing(api.scannerMetadata(registration.uuid)),
  });
  if (adapterUrl !== null || name !== null) {
    const asked = scanners.find((one) =>
      adapterUrl !== null ? sameAddress(one.url, adapterUrl) : one.name === name,
    );
    return asked === undefined ? null : withMetadata(asked);
  }
  const likely = [...scanners].sort((one, other) => Number(isNamed(other)) - Number(isNamed(one)));
  let byName: Found | null = null;
  for (const registration of likely) {
    const found = await withMetadata(registration);
    if (found.metadata.known && isPratique(found.metadata.value.scanner)) return found;
    if (byName === null && isNamed(registration)) byName = found;
  }
  return byName;
}

function isNamed({ name }: Registration): boolean {
  return name.toLowerCase().includes('pratique');
}

async function projectFacts(
  api: HarborApi,
  { items, total }: Listing<Project>,
): Promise<{ readonly all: readonly ProjectFacts[]; readonly total: number }> {
  const asked = items.slice(0, mostProjects);
  const all: ProjectFacts[] = [];
  for (let start = 0; start < asked.length; start += atATime) {
    const some = asked.slice(start, start + atATime).map(async (project): Promise<ProjectFacts> => {
      const { registry_id: registry, name } = project;
      return {
        project,
        scanner: await knowing(api.scannerOfProject(name)),
        upstream: registry > 0 ? await knowing(api.getRegistry(registry).then(({ url }) => url)) : null,
      };
    });
    all.push(...(await Promise.all(some)));
  }
  return { all, total };
}

/** What Harbor refuses to tell is a fact too: the doctor says that it could not look. */
async function knowing<T>(asking: Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await asking };
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return { known: false, why: error.message };
  }
}
