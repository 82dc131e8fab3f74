import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { readHarborReport } from './harbor-report.ts';

/*
 * Harbor as a scanner adapter meets it: its core's client and its scan jobs, with their habits and limits (harbor
 * src/pkg/scan/rest/v1/client.go, src/pkg/scan/job.go, src/controller/scanner).
 */

const types = {
  metadata: 'application/vnd.scanner.adapter.metadata+json; version=1.0',
  request: 'application/vnd.scanner.adapter.scan.request+json; version=1.0',
  response: 'application/vnd.scanner.adapter.scan.response+json; version=1.0',
  vulnerability: 'application/vnd.security.vulnerability.report; version=1.1',
  sbom: 'application/vnd.security.sbom.report+json; version=1.0',
};
const spdx = 'application/spdx+json';
/** Milliseconds for a whole call, body included. */
const callTimeout = 5000;
const firstPoll = 2000;
/** Without an answer to any poll; it begins again with each. */
const checkTimeout = 30 * 60_000;
const metadataCache = 30_000;
/** Seconds, where `Refresh-After` is missing or no int8. */
const defaultRefresh = 5;

export interface HarborScanRequest {
  readonly registry: string;
  /** The account that Harbor makes for this scan alone. */
  readonly robot: { readonly name: string; readonly secret: string } | { readonly token: string } | null;
  readonly repository: string;
  readonly digest: string;
  readonly tag?: string;
  readonly mimeType: string;
  readonly size?: number;
  readonly type?: HarborScanType;
}

export type HarborScanType = 'vulnerability' | 'sbom';

export interface HarborCall {
  readonly what: 'metadata' | 'scan' | 'report';
  readonly status: number;
  readonly milliseconds: number;
}

export type HarborOutcome = { readonly polls: number; readonly milliseconds: number } & (
  | { readonly kind: 'done'; readonly contentType: string; readonly report: Record<string, unknown> }
  | { readonly kind: 'failed'; readonly error: string }
);

export interface HarborMetadata {
  readonly scanner: { readonly name: string; readonly vendor: string; readonly version: string };
  readonly capabilities: readonly {
    readonly type: string;
    readonly consumes_mime_types: readonly string[];
    readonly produces_mime_types: readonly string[];
  }[];
  readonly properties: Readonly<Record<string, string>>;
}

export interface Harbor {
  /** As it is shown to administrators and asked before each scan: 30 s old, errors too. */
  metadata(): Promise<HarborMetadata>;
  /** One scan job: a request with one capability, then polls until there is a report. Never tried again. */
  scan(request: HarborScanRequest): Promise<HarborOutcome>;
  /** The two halves of a scan. */
  submit(request: HarborScanRequest): Promise<string>;
  collect(id: string, type?: HarborScanType): Promise<HarborOutcome>;
  readonly calls: readonly HarborCall[];
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** @param options `headers` carry the scanner's own credentials; `ca` PEM */
export function createHarbor(
  adapter: string,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly ca?: string } = {},
): Harbor {
  const secure = adapter.startsWith('https:');
  // Go keeps up to 100 idle connections, for ever.
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxFreeSockets: 100, ...(options.ca ? { ca: options.ca } : {}) })
    : new HttpAgent({ keepAlive: true, maxFreeSockets: 100 });
  const calls: HarborCall[] = [];
  let cached: { readonly at: number; readonly result: Promise<HarborMetadata> } | null = null;

  const once = (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | null,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const send = secure ? httpsRequest : httpRequest;
      const request = send(
        `${adapter}/api/v1${path}`,
        {
          method,
          agent,
          headers: { ...options.headers, ...headers },
          signal: AbortSignal.timeout(callTimeout),
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(parts).toString(),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(body ?? undefined);
    });

  const call = async (
    what: HarborCall['what'],
    ...[method, path, headers, body]: Parameters<typeof once>
  ): Promise<Answer> => {
    const started = performance.now();
    try {
      const answer = await once(method, path, headers, body);
      calls.push({ what, status: answer.status, milliseconds: performance.now() - started });
      return answer;
    } catch (error) {
      calls.push({ what, status: 0, milliseconds: performance.now() - started });
      throw error;
    }
  };

  const askMetadata = async (): Promise<HarborMetadata> => {
    const answer = await call('metadata', 'GET', '/metadata', { Accept: types.metadata }, null);
    const metadata = JSON.parse(expectStatus(answer, 200)) as HarborMetadata;
    for (const { consumes_mime_types } of metadata.capabilities) {
      if (!consumes_mime_types.includes('application/vnd.docker.distribution.manifest.v2+json'))
        throw new Error(
          'missing application/vnd.docker.distribution.manifest.v2+json in consumes_mime_types',
        );
    }
    return metadata;
  };

  const capabilityOf = async (type: HarborScanType) =>
    (await harbor.metadata()).capabilities.find((one) => one.type === type);

  const poll = async (id: string, type: HarborScanType, mime: string, polled: () => void) => {
    const query = type === 'sbom' ? `?sbom_media_type=${encodeURIComponent(spdx)}` : '';
    const started = performance.now();
    let wait = firstPoll;
    for (;;) {
      await sleep(wait);
      if (performance.now() - started > checkTimeout) throw new Error('check scan report timeout');
      polled();
      const answer = await call('report', 'GET', `/scan/${id}/report${query}`, { Accept: mime }, null);
      if (answer.status === 302) {
        wait = refreshAfter(answer.headers['refresh-after']) * 1000;
        continue;
      }
      const body = expectStatus(answer, 200);
      return { contentType: answer.headers['content-type'] ?? '', report: readHarborReport(type, body) };
    }
  };

  const harbor: Harbor = {
    calls,
    metadata() {
      if (cached === null || performance.now() - cached.at > metadataCache) {
        cached = { at: performance.now(), result: askMetadata() };
      }
      return cached.result;
    },
    async submit(asked) {
      const type = asked.type ?? 'vulnerability';
      if ((await capabilityOf(type))?.consumes_mime_types.includes(asked.mimeType) !== true)
        throw new Error('the artifact is not scannable by this scanner');
      const headers = { 'Content-Type': types.request, Accept: types.response };
      const answer = await call('scan', 'POST', '/scan', headers, JSON.stringify(scanRequest(asked, type)));
      const { id } = JSON.parse(expectStatus(answer, 202)) as { readonly id?: unknown };
      if (typeof id !== 'string' || id === '') throw new Error('empty scan request ID');
      return id;
    },
    async collect(id, type = 'vulnerability') {
      const started = performance.now();
      let polls = 0;
      const polled = (): void => {
        polls += 1;
      };
      const spent = () => ({ polls, milliseconds: performance.now() - started });
      try {
        const mimes = (await capabilityOf(type))?.produces_mime_types ?? [];
        const [first] = await Promise.all(mimes.map((mime) => poll(id, type, mime, polled)));
        if (first === undefined) throw new Error('no report type');
        return { kind: 'done', ...first, ...spent() };
      } catch (error) {
        return { kind: 'failed', error: wordsOf(error), ...spent() };
      }
    },
    async scan(asked) {
      try {
        return await harbor.collect(await harbor.submit(asked), asked.type);
      } catch (error) {
        return { kind: 'failed', error: wordsOf(error), polls: 0, milliseconds: 0 };
      }
    },
    close: () => agent.destroy(),
  };
  return harbor;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Seconds, as Go's `ParseInt(v, 10, 8)` reads them. */
export function refreshAfter(header: string | string[] | undefined): number {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined || !/^[+-]?[0-9]+$/.test(text)) return defaultRefresh;
  const seconds = Number(text);
  return seconds < -128 || seconds > 127 ? defaultRefresh : Math.max(0, seconds);
}

/** The body of an answer with this status; of another one its error, as Harbor would put it into the job's log. */
function expectStatus(answer: Answer, expected: number): string {
  if (answer.status === expected) return answer.body;
  const unexpected = `general response handler: unexpected status code: ${answer.status}, expected: ${expected}`;
  if (answer.body === '') throw new Error(unexpected);
  const { error } = JSON.parse(answer.body) as { readonly error?: { readonly message?: string } };
  throw new Error(`${error?.message ?? ''}: ${unexpected}`);
}

/** What Harbor marshals: every field, `insecure` always false, one capability. */
function scanRequest(asked: HarborScanRequest, type: HarborScanType): object {
  return {
    registry: { url: asked.registry, authorization: authorizationOf(asked.robot), insecure: false },
    artifact: {
      repository: asked.repository,
      tag: asked.tag ?? '',
      digest: asked.digest,
      mime_type: asked.mimeType,
      size: asked.size ?? 0,
    },
    enabled_capabilities: [
      {
        type,
        produces_mime_types: [types[type]],
        parameters: type === 'sbom' ? { sbom_media_types: [spdx] } : null,
      },
    ],
  };
}

function authorizationOf(robot: HarborScanRequest['robot']): string {
  if (robot === null) return '';
  if ('token' in robot) return `Bearer ${robot.token}`;
  return `Basic ${Buffer.from(`${robot.name}:${robot.secret}`).toString('base64')}`;
}
