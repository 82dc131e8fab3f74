import { setTimeout as sleep } from 'node:timers/promises';
import { PratiqueError } from '../../core/errors.ts';
import type { ImagePull, Looked, OtherScanner } from '../../core/ports/scanner.ts';
import { type AskServer, askServer, type HttpAnswer } from '../http.ts';
import { clip, readReport } from '../reading.ts';
import type { ScannerBounds } from '../scanner.ts';
import type { HarborLogin, HarborSettings } from '../settings.ts';
import { parseHarbor, parseHarborMetadata } from './parse.ts';
import { acceptedSchema, errorSchema } from './schema.ts';

const requestType = 'application/vnd.scanner.adapter.scan.request+json; version=1.1';
const acceptedType = 'application/vnd.scanner.adapter.scan.response+json; version=1.0';
const metadataType = 'application/vnd.scanner.adapter.metadata+json; version=1.0';
/** Seconds until the next look, where the scanner says none, and the longest that it may ask for. */
const usualPause = 2;
const longestPause = 60;

/** Any scanner with an adapter for Harbor, through the API that Harbor itself uses. */
export function createHarborScanner(
  settings: HarborSettings,
  looked: Looked,
  bounds: ScannerBounds,
): OtherScanner {
  const ask = askServer(`${settings.url}/api/v1`, settings.ca, bounds.proxies);
  const rights = headersOf(settings.login);
  return {
    name: 'harbor',
    scan: async (pull, signal) => {
      const late = AbortSignal.timeout(bounds.timeout);
      const ending = signal === undefined ? late : AbortSignal.any([signal, late]);
      const dialogue: Dialogue = { ask, rights, ending, url: settings.url, timeout: bounds.timeout };
      const metadata = parseHarborMetadata(
        await answerOf(dialogue, { method: 'GET', path: '/metadata', accept: metadataType }),
      );
      const accept = metadata.reportFor(pull.mediaType);
      if (accept === null) {
        throw failed(
          dialogue,
          `${clip(metadata.scanner.name, 100)} reports no vulnerabilities of a manifest of type ${pull.mediaType}`,
        );
      }
      const bytes = await reportOf(dialogue, await begin(dialogue, pull, accept), accept);
      return parseHarbor(bytes, pull.digest, metadata, looked);
    },
  };
}

interface Dialogue {
  readonly ask: AskServer;
  readonly rights: Readonly<Record<string, string>>;
  readonly ending: AbortSignal;
  readonly url: string;
  readonly timeout: number;
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly accept: string;
  readonly body?: { readonly type: string; readonly text: string };
}

/** The id under which the report is to be had. */
async function begin(dialogue: Dialogue, pull: ImagePull, accept: string): Promise<string> {
  const { username, password } = pull;
  const text = JSON.stringify({
    registry: {
      url: pull.registry,
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      insecure: pull.registry.startsWith('http:'),
    },
    artifact: { repository: pull.repository, digest: pull.digest, mime_type: pull.mediaType },
    enabled_capabilities: [{ type: 'vulnerability', produces_mime_types: [accept] }],
  });
  const question: Question = {
    method: 'POST',
    path: '/scan',
    accept: acceptedType,
    body: { type: requestType, text },
  };
  return readReport('the answer to a scan request', await answerOf(dialogue, question), acceptedSchema).id;
}

/** Asks until it is there, or the time is over. */
async function reportOf(dialogue: Dialogue, id: string, accept: string): Promise<Buffer> {
  for (;;) {
    const answer = await asked(dialogue, { method: 'GET', path: `/scan/${id}/report`, accept });
    if (answer.status !== 302) return taken(dialogue, answer);
    const seconds = Number(answer.header('refresh-after') ?? usualPause);
    const pause = seconds > 0 ? Math.min(seconds, longestPause) : usualPause;
    await sleep(pause * 1000, undefined, { signal: dialogue.ending }).catch(() => {
      throw tooLate(dialogue);
    });
  }
}

async function answerOf(dialogue: Dialogue, question: Question): Promise<Buffer> {
  return taken(dialogue, await asked(dialogue, question));
}

async function asked(dialogue: Dialogue, { method, path, accept, body }: Question): Promise<HttpAnswer> {
  if (dialogue.ending.aborted) throw tooLate(dialogue);
  return dialogue.ask({
    method,
    path,
    headers: {
      Accept: accept,
      ...dialogue.rights,
      ...(body === undefined ? {} : { 'Content-Type': body.type }),
    },
    ...(body === undefined ? {} : { body: body.text }),
    signal: dialogue.ending,
  });
}

/** @throws PratiqueError with the scanner's own words where it refuses */
function taken(dialogue: Dialogue, { status, body }: HttpAnswer): Buffer {
  if (status === 200 || status === 201 || status === 202) return body;
  throw failed(dialogue, `answered ${status}${wordsIn(body)}`);
}

function wordsIn(body: Buffer): string {
  try {
    const { error } = readReport('the error', body.subarray(0, 65_536), errorSchema);
    return `: ${clip(error.message, 400)}`;
  } catch {
    return ' and did not say why';
  }
}

function tooLate(dialogue: Dialogue): PratiqueError {
  return failed(dialogue, `has no report after ${Math.round(dialogue.timeout / 1000)} s (scanner.timeout)`);
}

function failed({ url }: Pick<Dialogue, 'url'>, why: string): PratiqueError {
  return new PratiqueError('scanner-failed', `the scanner at ${url} ${why}`, { scanner: 'harbor', url });
}

function headersOf(login: HarborLogin): Readonly<Record<string, string>> {
  switch (login.kind) {
    case 'none':
      return {};
    case 'basic': {
      const text = Buffer.from(`${login.username}:${login.password}`).toString('base64');
      return { Authorization: `Basic ${text}` };
    }
    case 'bearer':
      return { Authorization: `Bearer ${login.token}` };
    case 'api-key':
      return { 'X-ScannerAdapter-API-Key': login.key };
  }
}
