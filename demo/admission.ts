import { randomUUID } from 'node:crypto';
import { request } from 'node:https';

export interface Decision {
  readonly allowed: boolean;
  readonly message: string;
}

/** Milliseconds. */
const longestReview = 30_000;

/**
 * Asks the webhook as an API server does when somebody applies a Deployment of the image.
 * @param webhook host and port
 * @param ca PEM: nothing else is trusted
 */
export async function reviewDeployment(webhook: string, ca: string, image: string): Promise<Decision> {
  const uid = randomUUID();
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
      operation: 'CREATE',
      namespace: 'shop',
      name: 'demo',
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'demo' },
        spec: {
          selector: { matchLabels: { app: 'demo' } },
          template: {
            metadata: { labels: { app: 'demo' } },
            spec: { containers: [{ name: 'demo', image }] },
          },
        },
      },
    },
  };
  const answer = await post(`https://${webhook}/validate?timeout=10s`, ca, JSON.stringify(review));
  const { response } = JSON.parse(answer) as {
    response: {
      uid: string;
      allowed: boolean;
      status?: { message?: string };
      warnings?: readonly string[];
    };
  };
  if (response.uid !== uid) throw new Error('the webhook answered another review');
  return {
    allowed: response.allowed,
    message: response.status?.message ?? response.warnings?.join('; ') ?? '',
  };
}

function post(url: string, ca: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', ca, headers, timeout: longestReview }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the webhook answered ${response.statusCode}: ${text}`));
      });
    });
    sent.once('timeout', () => sent.destroy(new Error('the webhook did not answer')));
    sent.once('error', reject);
    sent.end(body);
  });
}
