import type { Answer } from '../client.ts';
import type { Pusher } from '../pusher.ts';

/** The ways in which a blob is pushed (distribution spec, "Pushing a blob"). Each gives the last answer. */
export type Way = (client: Pusher, repository: string, digest: string, bytes: Buffer) => Promise<Answer>;

const octets = { 'Content-Type': 'application/octet-stream' };

export const postOnly: Way = (client, repository, digest, bytes) =>
  client.ask(`/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: bytes,
    headers: { ...octets, 'Content-Length': String(bytes.length) },
  });

export const postPut: Way = async (client, repository, digest, bytes) =>
  put(client, await client.begin(repository), digest, bytes);

/** Without a length: as the bytes come. */
export const streamed: Way = async (client, repository, digest, bytes) => {
  const answer = await client.ask(await client.begin(repository), {
    method: 'PATCH',
    body: bytes,
    headers: { ...octets, 'Transfer-Encoding': 'chunked' },
  });
  if (answer.status !== 202) return answer;
  return put(client, answer.headers.location ?? '', digest);
};

/**
 * In so many chunks.
 * @param withPut the last one comes with the PUT
 * @param outOfOrder before each chunk another one is sent that is not next; it has to be refused, and the status told
 */
export function chunked(count: number, withPut = false, outOfOrder = false): Way {
  return async (client, repository, digest, bytes) => {
    let location = await client.begin(repository);
    const size = Math.ceil(bytes.length / count);
    for (let start = 0; start < bytes.length; start += size) {
      if (outOfOrder) location = await goAstray(client, location, bytes, start, size);
      const last = start + size >= bytes.length;
      if (last && withPut) return put(client, location, digest, bytes.subarray(start), start);
      const answer = await chunk(client, location, 'PATCH', bytes.subarray(start, start + size), start);
      if (answer.status !== 202) return answer;
      location = answer.headers.location ?? '';
    }
    return put(client, location, digest);
  };
}

async function goAstray(
  client: Pusher,
  location: string,
  bytes: Buffer,
  start: number,
  size: number,
): Promise<string> {
  const wrong = start + size < bytes.length ? start + size : 0;
  const refused = await chunk(client, location, 'PATCH', bytes.subarray(wrong, wrong + size), wrong);
  if (refused.status !== 416) throw new Error(`a chunk out of order was answered ${refused.status}`);
  const status = await client.ask(location);
  const range = `0-${Math.max(0, start - 1)}`;
  if (status.status !== 204 || status.headers.range !== range) {
    throw new Error(
      `the status is ${status.status} with Range ${status.headers.range}, not 204 with ${range}`,
    );
  }
  return status.headers.location ?? '';
}

function chunk(
  client: Pusher,
  location: string,
  method: 'PATCH' | 'PUT',
  bytes: Buffer,
  start: number,
): Promise<Answer> {
  const headers = {
    ...octets,
    'Content-Length': String(bytes.length),
    'Content-Range': `${start}-${start + bytes.length - 1}`,
  };
  return client.ask(location, { method, body: bytes, headers });
}

function put(client: Pusher, location: string, digest: string, bytes?: Buffer, start = 0): Promise<Answer> {
  const target = `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;
  if (bytes !== undefined && start > 0) return chunk(client, target, 'PUT', bytes, start);
  const body = bytes === undefined ? {} : { body: bytes };
  return client.ask(target, {
    method: 'PUT',
    ...body,
    headers: { ...octets, 'Content-Length': String(bytes?.length ?? 0) },
  });
}

/** `from` null: the client names no repository. */
export function mounted(from: string | null): Way {
  return (client, repository, digest) =>
    client.ask(
      `/v2/${repository}/blobs/uploads/?mount=${digest}${from === null ? '' : `&from=${encodeURIComponent(from)}`}`,
      { method: 'POST', headers: { 'Content-Length': '0' } },
    );
}
