import { setTimeout as sleep } from 'node:timers/promises';
import { type Built, sha256 } from '../test/support/images.ts';

/** What a client saw of one image. */
export interface Pull {
  readonly served: boolean;
  /** The registry's words when it refused, or its warning. */
  readonly said: string;
  readonly milliseconds: number;
  /** Of everything that came, verified against its digest. */
  readonly bytes: number;
  /** What a client must never see. */
  readonly faults: readonly string[];
}

/** Milliseconds. */
const longestPull = 60_000;

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly warning: string | null;
  readonly digest: string | null;
}

/**
 * Pulls an image as a client on linux/amd64 does: manifest, config, layers. When the manifest is refused, it
 * asks for the blobs all the same, as somebody would who knows their digests.
 * @param base `http://HOST:PORT/v2/<name>`
 */
export async function pull(base: string, tag: string, built: Built): Promise<Pull> {
  const started = performance.now();
  const faults: string[] = [];
  let bytes = 0;
  const take = async (path: string, digest: string): Promise<Answer> => {
    const answer = await get(`${base}/${path}`);
    if (answer.status === 200 && sha256(answer.body) !== digest) faults.push(`${path} has another digest`);
    if (answer.status === 200) bytes += answer.body.length;
    return answer;
  };
  const first = await take(`manifests/${tag}`, built.manifest.digest);
  const result = (said: string): Pull => ({
    served: first.status === 200,
    said,
    milliseconds: performance.now() - started,
    bytes,
    faults,
  });
  if (first.status !== 200) {
    for (const digest of built.blobs.keys()) {
      const blob = await take(`blobs/${digest}`, digest);
      if (blob.status !== 403) faults.push(`blob ${digest} of a refused image was answered ${blob.status}`);
    }
    return result(messageOf(first));
  }
  const image = built.kind === 'image' ? built : built.children[0];
  if (image === undefined) throw new Error('an index without children');
  if (built.kind === 'index')
    await expectOk(take(`manifests/${image.manifest.digest}`, image.manifest.digest));
  await Promise.all([...image.blobs.keys()].map((digest) => expectOk(take(`blobs/${digest}`, digest))));
  return result(first.warning ?? '');

  async function expectOk(answer: Promise<Answer>): Promise<void> {
    const { status, body } = await answer;
    if (status !== 200)
      faults.push(`part of a served image was answered ${status}: ${body.toString('utf8')}`);
  }
}

/** Status of one more request, for children and blobs on their own. */
export async function statusOf(url: string): Promise<number> {
  return (await get(url)).status;
}

/** Waits as clients do when they are told to. */
async function get(url: string): Promise<Answer> {
  const until = performance.now() + longestPull;
  for (;;) {
    const response = await fetch(url, { signal: AbortSignal.timeout(longestPull) });
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status !== 429 || performance.now() > until) {
      return {
        status: response.status,
        body,
        warning: response.headers.get('warning'),
        digest: response.headers.get('docker-content-digest'),
      };
    }
    await sleep(1000 * Math.min(5, Number(response.headers.get('retry-after') ?? 1)));
  }
}

function messageOf({ status, body }: Answer): string {
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: readonly { message?: string }[] };
    return errors?.[0]?.message ?? `HTTP ${status}`;
  } catch {
    return `HTTP ${status} without a readable body`;
  }
}
