import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LayeredImage } from './layered-image.ts';

/** As many layers at once as container runtimes fetch. */
const atOnce = 3;

/**
 * Pulls an image as a runtime does: manifest, config, then layers three at a time; bodies are counted and thrown away. "Not
 * yet" (429) is asked again at once, as containerd does.
 * @param base below which `manifests/` and `blobs/` lie
 */
export async function pullImage(base: string, image: LayeredImage): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  try {
    let bytes = await fetchAll(agent, `${base}/manifests/big`);
    if (bytes !== image.manifest.bytes.length) throw new Error(`${base} gave another manifest`);
    bytes = await fetchAll(agent, `${base}/blobs/${image.config}`);
    const left = [...image.layers];
    const fetcher = async (): Promise<void> => {
      for (let layer = left.shift(); layer !== undefined; layer = left.shift()) {
        const more = await fetchAll(agent, `${base}/blobs/${layer}`);
        bytes += more;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, fetcher));
    if (bytes !== image.bytes) throw new Error(`${base} gave ${bytes} bytes, not ${image.bytes}`);
  } finally {
    agent.destroy();
  }
}

/** Bytes of a body. @throws Error for any answer but 200 and 429, and for a body that breaks off */
export async function fetchAll(agent: Agent, url: string): Promise<number> {
  for (;;) {
    const { status, bytes } = await fetchOnce(agent, url);
    if (status === 200) return bytes;
    if (status !== 429) throw new Error(`${url} was answered with ${status}`);
    await sleep(100);
  }
}

function fetchOnce(agent: Agent, url: string): Promise<{ readonly status: number; readonly bytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = { Accept: 'application/vnd.oci.image.manifest.v1+json' };
    get(url, { agent, headers }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, bytes }));
    }).once('error', reject);
  });
}
