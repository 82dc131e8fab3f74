import { request } from 'node:https';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Balancer {
  readonly port: number;
  close(): Promise<void>;
}

export interface Backend {
  readonly port: number;
  /** As a readiness probe asks; never rejects. */
  isReady(): Promise<boolean>;
}

/** Milliseconds between two looks; a kubelet's probes are slower. */
const betweenProbes = 200;

/**
 * What a Service does: each new connection goes to the next backend that was ready when it was looked at last, and stays there.
 * Where none is ready, connections are refused.
 */
export async function startBalancer(backends: readonly Backend[]): Promise<Balancer> {
  let ready: readonly Backend[] = [];
  let turn = 0;
  let open = true;
  const look = async (): Promise<void> => {
    const seen = await Promise.all(backends.map((backend) => backend.isReady()));
    ready = backends.filter((_backend, index) => seen[index] === true);
  };
  await look();
  const looking = (async () => {
    while (open) {
      await sleep(betweenProbes);
      await look();
    }
  })();
  const server = createServer((near) => {
    turn += 1;
    const backend = ready[turn % Math.max(1, ready.length)];
    near.on('error', () => near.destroy());
    if (backend === undefined) {
      near.destroy();
      return;
    }
    const far = connect(backend.port, '127.0.0.1');
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy()).on('error', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      open = false;
      await looking;
      server.close();
    },
  };
}

/** As a kubelet asks, which looks at no certificate. */
export function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/readyz', rejectUnauthorized: false, agent: false, timeout: 2000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
