import { clip, type Refusal, refusal } from './refusal.ts';

/** Scheme, host, perhaps a port, and nothing else: no user, path, query, fragment, backslash or white space. */
const origin =
  /^https?:\/\/(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?\/?$/i;
const longest = 300;

/**
 * Where Harbor says that the image lies: the origin to be dialled, in its normal form.
 * @param allowed hosts, with their port where it is not the scheme's own (`harbor.corp`, `core:8080`); null: any
 */
export function parseRegistryUrl(text: string, allowed: readonly string[] | null): string | Refusal {
  const url = text.length <= longest && origin.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null) {
    return refusal(
      422,
      `registry.url is "${clip(text)}": it has to be http:// or https:// with a host and perhaps a port`,
    );
  }
  if (allowed !== null && !allowed.some((host) => host.toLowerCase() === url.host)) {
    return refusal(
      422,
      `registry.url names ${url.host}, which is not among the registries that this scanner may ask; add it to the list in Pratique's configuration if that is wanted`,
    );
  }
  return url.origin;
}
