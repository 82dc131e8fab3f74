import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { Probe } from './adapter-probe.ts';
import type { AdapterMetadata, Registration, SystemInfo } from './answers.ts';
import type { HarborApi, RegistrationRequest } from './api.ts';
import { existingOne, scannerText } from './existing.ts';
import { pingFailure } from './ping-failure.ts';
import { changesOf, requestOf, type WantedRegistration } from './registration.ts';
import { parseHarborVersion } from './version.ts';

export interface Step {
  readonly step: 'harbor' | 'ping' | 'registration' | 'default' | 'check';
  /** `would`: left undone by --dry-run. */
  readonly result: 'ok' | 'done' | 'unchanged' | 'would' | 'skipped' | 'warning';
  readonly detail: string;
}

export interface Registering {
  readonly api: HarborApi;
  readonly url: string;
  readonly wanted: WantedRegistration;
  readonly makeDefault: boolean;
  readonly dryRun: boolean;
  /** Asks the adapter from this machine, where Harbor could not use it. */
  readonly probe: () => Promise<Probe>;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly tell: (step: Step) => void;
}

export interface Registered {
  /** null after a dry run that would have made it. */
  readonly registration: Registration | null;
  readonly systemInfo: SystemInfo;
}

const description = 'Pratique: findings by the same policy that its proxy and webhook enforce';
/** Harbor remembers what an adapter answered, failures included, for 30 s; milliseconds. */
const remembered = 31_000;

/**
 * Registers the adapter, or brings the registration that is there to what is wanted. Every step can be repeated.
 * @throws PratiqueError that names the step's trouble; what was done before has been told and stays done
 */
export async function registerScanner(registering: Registering): Promise<Registered> {
  const { api, wanted, tell } = registering;
  const { info } = await api.systemInfo();
  const scanners = await api.listScanners();
  tell({ step: 'harbor', result: 'ok', detail: `${registering.url}, version ${versionOf(info)}` });

  const existing = await existingOne(api, scanners, wanted);
  const pinged = await ping(registering, info);
  const request = requestOf(wanted, existing?.description ?? description);
  const changes = existing === null ? null : changesOf(existing, request);
  if (registering.dryRun) {
    tell({ step: 'registration', ...foreseen(existing, changes ?? [], wanted) });
    if (registering.makeDefault && existing?.is_default !== true)
      tell({ step: 'default', result: 'would', detail: defaultText(scanners, wanted.name) });
    return { registration: existing, systemInfo: info };
  }

  const uuid = await write(registering, request, existing, changes ?? []);
  await becomeDefault(registering, scanners, await api.getScanner(uuid));
  const updated = existing !== null && (changes ?? []).length > 0;
  const metadata = await metadataAfter(registering, uuid, { updated, pinged });
  tell({ step: 'check', result: 'ok', detail: `Harbor reaches the adapter: ${scannerText(metadata)}` });
  return { registration: await api.getScanner(uuid), systemInfo: info };
}

/** Harbor's ping always checks certificates, so with --skip-cert-verify it would fail where scans do not. */
async function ping({ api, url, wanted, probe, tell }: Registering, info: SystemInfo): Promise<boolean> {
  if (wanted.skipCertificate && wanted.url.startsWith('https:')) {
    tell({
      step: 'ping',
      result: 'skipped',
      detail: "Harbor's ping cannot skip the certificate; it is asked when it is registered",
    });
    return false;
  }
  try {
    await api.pingScanner(requestOf(wanted, ''));
  } catch (error) {
    // A 5xx is how Harbor says that it could not use the adapter; anything else is about this request.
    if (!isPratiqueError(error) || error.code !== 'harbor-misbehaved') throw error;
    throw pingFailure({
      adapterUrl: wanted.url,
      harborUrl: url,
      versionText: info.harbor_version,
      version: parseHarborVersion(info.harbor_version),
      said: error.message,
      probe: await probe(),
    });
  }
  tell({ step: 'ping', result: 'ok', detail: `Harbor gets an answer from ${wanted.url}` });
  return true;
}

function foreseen(
  existing: Registration | null,
  changes: readonly string[],
  wanted: WantedRegistration,
): Pick<Step, 'result' | 'detail'> {
  if (existing === null) return { result: 'would', detail: `register ${wanted.name} at ${wanted.url}` };
  if (changes.length === 0)
    return { result: 'unchanged', detail: `${wanted.name} at ${wanted.url} is as wanted` };
  return { result: 'would', detail: `update ${existing.name}: ${changes.join(', ')}` };
}

/** @returns the registration's uuid */
async function write(
  { api, url, wanted, tell, probe }: Registering,
  request: RegistrationRequest,
  existing: Registration | null,
  changes: readonly string[],
): Promise<string> {
  if (existing !== null) {
    if (changes.length === 0) {
      tell({ step: 'registration', ...foreseen(existing, changes, wanted) });
      return existing.uuid;
    }
    await api.updateScanner(existing.uuid, request);
    tell({ step: 'registration', result: 'done', detail: `updated: ${changes.join(', ')}` });
    return existing.uuid;
  }
  try {
    await api.createScanner(request);
  } catch (error) {
    if (!isPratiqueError(error) || error.code !== 'harbor-misbehaved') throw error;
    const { info } = await api.systemInfo();
    const version = parseHarborVersion(info.harbor_version);
    const failure = { adapterUrl: wanted.url, harborUrl: url, versionText: info.harbor_version, version };
    throw pingFailure({ ...failure, said: error.message, probe: await probe() });
  }
  const made = (await api.listScanners()).find(({ name }) => name === wanted.name);
  if (made === undefined) {
    throw new PratiqueError(
      'harbor-misbehaved',
      `Harbor took the registration of ${wanted.name} and does not list it. Look at Administration > Interrogation Services, and run this again`,
      { name: wanted.name },
    );
  }
  tell({ step: 'registration', result: 'done', detail: `registered ${wanted.name} at ${wanted.url}` });
  return made.uuid;
}

async function becomeDefault(
  { api, makeDefault, tell }: Registering,
  scanners: readonly Registration[],
  { uuid, name, is_default: isDefault }: Registration,
): Promise<void> {
  if (!makeDefault) {
    const detail = isDefault
      ? `${name} is the default scanner (Harbor makes its first one so)`
      : 'left as it is';
    return tell({ step: 'default', result: isDefault ? 'unchanged' : 'skipped', detail });
  }
  if (isDefault)
    return tell({ step: 'default', result: 'unchanged', detail: `${name} is the default scanner` });
  await api.makeDefault(uuid);
  tell({ step: 'default', result: 'done', detail: defaultText(scanners, name) });
}

function defaultText(scanners: readonly Registration[], name: string): string {
  const before = scanners.find((one) => one.is_default && one.name !== name);
  return `${name} is the default scanner${before === undefined ? '' : ` instead of ${before.name}`}; projects with a scanner of their own keep it`;
}

/** After an update Harbor may still remember the old address's answer, whichever it was. */
async function metadataAfter(
  { api, sleep }: Registering,
  uuid: string,
  { updated, pinged }: { readonly updated: boolean; readonly pinged: boolean },
): Promise<AdapterMetadata> {
  if (updated && !pinged) await sleep(remembered);
  try {
    return await api.scannerMetadata(uuid);
  } catch (error) {
    if (!updated || !pinged || !isPratiqueError(error) || error.code !== 'harbor-misbehaved') throw error;
    await sleep(remembered);
    return api.scannerMetadata(uuid);
  }
}

function versionOf({ harbor_version: version }: SystemInfo): string {
  return version === '' ? 'not told' : version;
}
