import { isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { AdapterMetadata, Registration } from './answers.ts';
import type { HarborApi } from './api.ts';
import { findRegistration, isPratique, type WantedRegistration } from './registration.ts';

/**
 * The registration to bring up to date; null: there is none.
 * @throws PratiqueError `harbor-refused` where name or address belong to another scanner
 */
export async function existingOne(
  api: HarborApi,
  scanners: readonly Registration[],
  wanted: WantedRegistration,
): Promise<Registration | null> {
  const match = findRegistration(scanners, wanted.name, wanted.url);
  if (match.kind === 'none') return null;
  if (match.kind === 'conflict') {
    throw new PratiqueError(
      'harbor-refused',
      `the name ${wanted.name} belongs to the scanner at ${match.named.url}, while ${wanted.url} is registered as ${match.registration.name}. Choose --name ${match.registration.name}, or delete one of them in Administration > Interrogation Services`,
      { name: wanted.name },
    );
  }
  const { registration } = match;
  if (match.kind === 'name') {
    const owner = await ownerOf(api, registration);
    if (owner !== null && !isPratique(owner.scanner)) {
      throw new PratiqueError(
        'harbor-refused',
        `the name ${wanted.name} is taken by ${scannerText(owner)} at ${registration.url}. Choose another one with --name`,
        { name: wanted.name },
      );
    }
  }
  return registration;
}

/** null where nobody answers at the old address: a Pratique that has moved. */
async function ownerOf(api: HarborApi, { uuid }: Registration): Promise<AdapterMetadata | null> {
  try {
    return await api.scannerMetadata(uuid);
  } catch (error) {
    if (isPratiqueError(error) && error.code === 'harbor-misbehaved') return null;
    throw error;
  }
}

export function scannerText({ scanner, capabilities }: AdapterMetadata): string {
  const types = capabilities.map(({ type }) => (type === '' ? 'vulnerability' : type)).join(', ');
  return `${scanner.name} ${scanner.version} (${types})`;
}
