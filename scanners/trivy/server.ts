import { PratiqueError } from '../../core/errors.ts';
import { askServer } from '../http.ts';
import type { ScannerBounds } from '../scanner.ts';
import { parseTrivyVersion, type TrivyVersion } from './parse.ts';

/**
 * Of which day a server's advisories are (`/version`). The program's own word is about the program's advisories, which are not
 * asked then.
 * @throws PratiqueError `scanner-unavailable`, `scanner-failed`
 */
export async function askVersion(
  server: string,
  token: string | null,
  bounds: ScannerBounds,
): Promise<TrivyVersion> {
  const ask = askServer(server, null, bounds.proxies);
  const { status, body } = await ask({
    method: 'GET',
    path: '/version',
    headers: { Accept: 'application/json', ...(token === null ? {} : { 'Trivy-Token': token }) },
  });
  if (status === 200) return parseTrivyVersion(body);
  throw new PratiqueError(
    'scanner-failed',
    `${server}/version answered ${status}, so nobody knows how old its advisories are: use a Trivy server that tells it`,
    { scanner: 'trivy', status },
  );
}
