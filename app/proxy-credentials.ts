import { readFileSync } from 'node:fs';
import { errorText, isPratiqueError, PratiqueError } from '../core/errors.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { ProxyCredentials } from '../webhook/replica/client.ts';
import type { WebhookProxyConfig } from './config/webhook-proxy.ts';

/** Milliseconds for which what was read is good. */
const goodFor = 2_000;
/** Characters; the proxy takes no shorter ones. */
const shortestToken = 32;

/**
 * What the files hold, read again every now and then: secrets are renewed while the program runs. Files that cannot be used
 * change nothing, and that is told.
 * @returns those that are in force now
 * @throws PratiqueError `config-invalid` where there is nothing good at the start
 */
export function proxyCredentials(
  proxy: WebhookProxyConfig,
  env: Readonly<Record<string, string | undefined>>,
  logger: Logger,
): () => ProxyCredentials {
  let current = read(proxy, env);
  let readAt = performance.now();
  let problem: string | null = null;
  return () => {
    if (performance.now() - readAt < goodFor) return current;
    readAt = performance.now();
    try {
      current = read(proxy, env);
      problem = null;
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      if (problem !== error.message)
        logger.error(
          { why: error.message },
          'what shows the proxy who we are cannot be read: the last good one stays',
        );
      problem = error.message;
    }
    return current;
  };
}

function read(
  proxy: WebhookProxyConfig,
  env: Readonly<Record<string, string | undefined>>,
): ProxyCredentials {
  return {
    ca: fileText('webhook.proxy.ca', proxy.ca),
    token: tokenOf(proxy, env),
    certificate: fileText('webhook.proxy.certificate', proxy.certificate),
    key: fileText('webhook.proxy.key', proxy.key),
  };
}

function tokenOf(
  { token }: WebhookProxyConfig,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (token === null) return null;
  const [setting, place, text] =
    'file' in token
      ? ([
          'webhook.proxy.tokenFile',
          `the file ${token.file}`,
          fileText('webhook.proxy.tokenFile', token.file),
        ] as const)
      : ([
          'webhook.proxy.tokenEnv',
          `the environment variable ${token.variable}`,
          env[token.variable] ?? '',
        ] as const);
  const secret = (text ?? '').trim();
  if (secret.length >= shortestToken && /^[\x21-\x7e]+$/.test(secret)) return secret;
  throw invalid(
    setting,
    `${place} holds no token: found ${secret.length} characters, allowed are at least ${shortestToken} without blanks`,
  );
}

function fileText(setting: string, file: string | null): string | null {
  if (file === null) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(setting, `${file} cannot be read: ${errorText(error)}`);
  }
}

function invalid(setting: string, why: string): PratiqueError {
  return new PratiqueError('config-invalid', `${setting}: ${why}`, { setting });
}
