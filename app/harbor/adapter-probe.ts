import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import axios from 'axios';
import { noProxies, type ProxySettings } from '../../core/http-proxy.ts';
import { proxiedAgents } from '../../core/tunnel.ts';
import { oneLine } from '../../policy/text.ts';
import { type AdapterMetadata, adapterMetadata } from './answers.ts';
import type { AdapterAuth } from './registration.ts';

/** What the adapter answers to this machine, which may not be where Harbor stands. */
export type Probe =
  | { readonly kind: 'answers'; readonly metadata: AdapterMetadata }
  | { readonly kind: 'refuses'; readonly status: number }
  | { readonly kind: 'silent'; readonly why: string };

/** Harbor waits no longer, milliseconds. */
const patience = 5000;
const longestAnswer = 1024 * 1024;

/** Asks the adapter for its metadata as Harbor does. Never throws: it looks for the reason of another failure. */
export async function probeAdapter(
  url: string,
  auth: AdapterAuth,
  ca: string | null,
  proxies: ProxySettings = noProxies,
): Promise<Probe> {
  const tls = ca === null ? {} : { ca: [...rootCertificates, ca] };
  try {
    const answer = await axios.get<unknown>(`${url}/api/v1/metadata`, {
      headers: {
        Accept: 'application/vnd.scanner.adapter.metadata+json; version=1.0',
        ...credentialHeader(auth),
      },
      timeout: patience,
      signal: AbortSignal.timeout(patience),
      maxRedirects: 0,
      maxContentLength: longestAnswer,
      validateStatus: () => true,
      proxy: false,
      ...(proxiedAgents(url, proxies, tls) ?? (ca === null ? {} : { httpsAgent: new HttpsAgent(tls) })),
    });
    if (answer.status !== 200) return { kind: 'refuses', status: answer.status };
    const metadata = adapterMetadata.safeParse(answer.data);
    return metadata.success
      ? { kind: 'answers', metadata: metadata.data }
      : { kind: 'silent', why: 'what answers there is no scanner adapter' };
  } catch (error) {
    return { kind: 'silent', why: oneLine(error instanceof Error ? error.message : String(error), 200) };
  }
}

function credentialHeader(auth: AdapterAuth): Record<string, string> {
  if (auth.kind === 'none') return {};
  if (auth.kind === 'api-key') return { 'X-ScannerAdapter-API-Key': auth.secret };
  if (auth.kind === 'bearer') return { Authorization: `Bearer ${auth.secret}` };
  const pair = Buffer.from(`${auth.username}:${auth.secret}`).toString('base64');
  return { Authorization: `Basic ${pair}` };
}
