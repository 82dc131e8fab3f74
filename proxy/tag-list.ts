import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { bareMediaType } from '../registry/media-types.ts';
import { linkTo, nextPage } from './page.ts';
import { sendError } from './respond.ts';

/** Bytes of a list that are read before it is answered; a longer one is passed on as it comes. */
export const wholeList = 4 * 1024 ** 2;

interface Passed {
  readonly method: string;
  readonly upstream: string;
  /** What is told of the upstream's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of what was asked for. */
  readonly query: URLSearchParams;
  /** The repository's name here. */
  readonly name: string;
}

/**
 * Answers with an upstream's list of tags, if it is one. An upstream that knows neither `n` nor `last` gives them all: the
 * part that was asked for is made here then. Rejects where the upstream breaks off.
 */
export async function passTags(
  incoming: IncomingMessage,
  response: ServerResponse,
  passed: Passed,
): Promise<void> {
  const { method, headers, query, name } = passed;
  const { 'content-length': _, ...others } = headers;
  const isJson = /[/+]json$/.test(bareMediaType(headers['content-type'] ?? null) ?? '');
  if (method === 'HEAD') {
    incoming.resume();
    if (isJson) response.writeHead(200, others).end();
    else refuse(response, passed);
    return;
  }
  const { bytes, isWhole } = await readStart(incoming);
  if (!isWhole) {
    if (!isJson) {
      incoming.destroy();
      refuse(response, passed);
      return;
    }
    response.writeHead(200, headers);
    response.write(bytes);
    await pipeline(incoming, response);
    return;
  }
  const tags = isJson ? tagsIn(bytes) : null;
  if (tags === null) {
    refuse(response, passed);
    return;
  }
  const part = (incoming.headers.link ?? '') === '' ? partOf(tags, query) : null;
  const body = part === null ? bytes : Buffer.from(JSON.stringify({ name, tags: part.tags }));
  const next = part?.next ?? null;
  const link = next === null ? {} : { link: linkTo(`/v2/${name}/tags/list`, next) };
  response.writeHead(200, { ...others, ...link, 'content-length': body.length }).end(body);
}

async function readStart(incoming: IncomingMessage): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const parts: Buffer[] = [];
  let received = 0;
  for await (const part of incoming.iterator({ destroyOnReturn: false })) {
    parts.push(part as Buffer);
    received += (part as Buffer).length;
    if (received > wholeList) return { bytes: Buffer.concat(parts), isWhole: false };
  }
  return { bytes: Buffer.concat(parts), isWhole: true };
}

/** null: it is no list of tags. */
function tagsIn(bytes: Buffer): readonly string[] | null {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null || !('tags' in value)) return null;
    // As Go writes a list of nothing.
    const tags: unknown = value.tags ?? [];
    return Array.isArray(tags) && tags.every((tag) => typeof tag === 'string') ? tags : null;
  } catch {
    return null;
  }
}

/**
 * The part that was asked for (distribution specification, "Listing Tags"), of all tags; null: that is what the upstream
 * has given. `last` is taken for ignored where it is in the answer: other orders than that of bytes are upstreams' own.
 */
export function partOf(
  tags: readonly string[],
  query: URLSearchParams,
): { readonly tags: readonly string[]; readonly next: URLSearchParams | null } | null {
  const asked = query.get('n') ?? '';
  const n = /^\d{1,9}$/.test(asked) ? Number(asked) : Number.POSITIVE_INFINITY;
  const last = query.get('last');
  const isIgnored = last !== null && tags.includes(last);
  if (!isIgnored && tags.length <= n) return null;
  const after = [...tags].sort().filter((tag) => !isIgnored || tag > last);
  const part = after.slice(0, n);
  const end = part.at(-1);
  if (end === undefined || part.length === after.length) return { tags: part, next: null };
  return { tags: part, next: nextPage(query, { n: asked, last: end }) };
}

function refuse(response: ServerResponse, { method, upstream }: Passed): void {
  const message = `the upstream ${upstream} answered 200 with what is no list of tags`;
  sendError(response, method, { status: 403, code: 'DENIED', message });
}
