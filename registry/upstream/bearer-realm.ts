import type { Challenge } from './challenge.ts';
import type { UpstreamConfig } from './config.ts';
import { misbehaved, refused, shownUrl } from './failures.ts';
import { isDowngrade, isHttp, mayHaveCredentials } from './trust.ts';

/** Where to get a token, and for what. */
export interface BearerChallenge {
  readonly realm: URL;
  readonly service: string | null;
  readonly scope: string;
}

/** What tokens are asked for. */
export type Actions = 'pull' | 'pull,push' | 'pull,push,delete';

const longestScope = 1024;

/**
 * Reads a Bearer challenge, and decides whether its realm may be asked.
 * @param path the repository that was asked for
 * @throws PratiqueError `upstream-misbehaved`, `upstream-refused`
 */
export function bearerChallenge(
  config: UpstreamConfig,
  challenge: Challenge,
  path: string,
  actions: Actions,
): BearerChallenge {
  const upstream = new URL(config.url);
  const asked = { upstream: config.name, url: upstream };
  const text = challenge.parameters.get('realm') ?? '';
  const named = URL.canParse(text) ? new URL(text) : null;
  if (named === null || !isHttp(named) || named.username !== '' || named.password !== '') {
    throw misbehaved(
      asked,
      `asks for a token from "${text.slice(0, 200)}", which is no http or https address`,
    );
  }
  const isNamed = config.realms?.includes(named.host) === true;
  const realm = isNamed ? named : onOwnOrigin(config, upstream, named);
  if (isDowngrade(upstream, realm)) {
    throw refused(asked, `asks for a token from ${shownUrl(realm)}, which is not encrypted`);
  }
  if (config.credentials !== null && !isNamed && !mayHaveCredentials(upstream, realm)) {
    throw refused(
      asked,
      `asks for its credentials to be sent to ${shownUrl(realm)}, which is another party's host; give this upstream no credentials, or the url that belongs to that realm`,
    );
  }
  const scope = challenge.parameters.get('scope') ?? '';
  return {
    realm,
    service: challenge.parameters.get('service') ?? null,
    scope:
      actions !== 'pull' || scope === '' || scope.length > longestScope
        ? `repository:${path}:${actions}`
        : scope,
  };
}

/** The credentials then go to nobody but the registry that they were given for. */
function onOwnOrigin(config: UpstreamConfig, upstream: URL, realm: URL): URL {
  if (config.ownRealmPath === undefined || realm.pathname !== config.ownRealmPath) return realm;
  return new URL(`${realm.pathname}${realm.search}`, upstream);
}
