import { PratiqueError } from '../../core/errors.ts';
import { oneLine } from '../../policy/text.ts';

/** One request to Harbor, for sentences. */
export interface Asked {
  /** Origin of Harbor. */
  readonly harbor: string;
  readonly method: string;
  readonly path: string;
  /** Seconds. */
  readonly patience: number;
}

const certificateFaults = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** No answer came. `error` is what axios threw: it holds the password, so nothing but its words goes on. */
export function noAnswer(asked: Asked, error: unknown): PratiqueError {
  const code = codeOf(error);
  return new PratiqueError('harbor-unreachable', `${asked.harbor} ${reasonOf(asked, code, wordsOf(error))}`, {
    harbor: asked.harbor,
    path: asked.path,
    error: code,
  });
}

function reasonOf({ harbor, patience }: Asked, code: string, words: string): string {
  const { hostname } = new URL(harbor);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `cannot be reached: the name ${hostname} is not known to this machine's resolver. Check --url`;
  if (code === 'ECONNREFUSED')
    return 'cannot be reached: nothing listens there. Check host and port of --url, and that Harbor runs';
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT' || code === 'ERR_CANCELED')
    return `did not answer within ${patience} s. Check --url, and whether a firewall lies between`;
  if (certificateFaults.has(code))
    return `has a certificate of an authority that is not known here (${code}). Name the authority's PEM file with --ca FILE`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `has a certificate for another name: ${words}. Use the name that the certificate has in --url`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `has a certificate that is not valid today (${code}). Renew it, and check this machine's clock`;
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return `does not speak TLS on this port: ${words}. Use http:// in --url, or the HTTPS port`;
  if (code === 'ERR_BAD_RESPONSE' && words.includes('maxContentLength'))
    return 'sent an answer that is too large. Check that --url is the address of a Harbor';
  return `cannot be reached: ${words}`;
}

/**
 * The error for an answer that is not the one that was asked for.
 * @param message Harbor's own words; '' where it gave none
 */
export function refusal(asked: Asked, username: string, status: number, message: string): PratiqueError {
  const fields = { harbor: asked.harbor, method: asked.method, path: asked.path, status };
  const words = message === '' ? '' : `: ${oneLine(message, 300)}`;
  const request = `${asked.method} ${asked.path}`;
  if (status === 401)
    return new PratiqueError(
      'harbor-refused',
      `${asked.harbor} does not accept the password of ${username} (401). Check --username and the password; where Harbor uses OIDC, take the CLI secret of the user's profile, or a robot account`,
      fields,
    );
  if (status === 403)
    return new PratiqueError(
      'harbor-refused',
      `${asked.harbor} does not let ${username} do this (403 for ${request}${words}). It takes a Harbor system administrator, or a system robot account with rights to list, read, create and update scanners`,
      fields,
    );
  if (status === 404)
    return new PratiqueError(
      'harbor-refused',
      `${asked.harbor} has no ${asked.path} (404${words}). ${asked.path.startsWith('/projects/') ? 'Check --project and --url' : 'Check --url; Harbor 2.0 or newer is needed'}`,
      fields,
    );
  const code = status >= 500 ? 'harbor-misbehaved' : 'harbor-refused';
  const hint = status >= 500 ? ". The reason is in the log of Harbor's core component" : '';
  return new PratiqueError(code, `${asked.harbor} answered ${request} with ${status}${words}${hint}`, fields);
}

export function redirected(asked: Asked, status: number, location: string): PratiqueError {
  const target = oneLine(location, 200);
  return new PratiqueError(
    'harbor-refused',
    `${asked.harbor} sends the request elsewhere (${status} to ${target === '' ? 'no address' : target}). Redirects are not followed, because the password would go along. Name Harbor's final address with --url`,
    { harbor: asked.harbor, path: asked.path, status },
  );
}

export function notHarbor(asked: Asked, what: string): PratiqueError {
  return new PratiqueError(
    'harbor-misbehaved',
    `${asked.harbor} answered ${asked.method} ${asked.path} with ${what}. Check that --url is Harbor's own address, and that no login page or other proxy stands before it`,
    { harbor: asked.harbor, path: asked.path },
  );
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  return error.cause instanceof Error ? codeOf(error.cause) : '';
}

function wordsOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error), 200);
}
