import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';

export interface ServiceRoute {
  /** Flags of kube-apiserver by which it reaches Services through here. */
  readonly flags: readonly string[];
  /** From now on whatever Service is asked for is at this port of loopback; null: nobody is there. */
  lead(port: number | null): void;
  close(): Promise<void>;
}

/**
 * What nodes do for a Service: the API server asks the cluster's address of it (EgressSelectorConfiguration), and gets to
 * a process on this machine.
 */
export async function openServiceRoute(dir: string): Promise<ServiceRoute> {
  let to: number | null = null;
  const open = new Set<Duplex>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (_request, near) => {
    open.add(near);
    near.once('close', () => open.delete(near)).on('error', () => near.destroy());
    if (to === null) {
      near.end('HTTP/1.1 502 Nobody is there\r\n\r\n');
      return;
    }
    const far = connect(to, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      far.pipe(near).pipe(far);
    });
    far.on('error', () => near.destroy());
    near.once('close', () => far.destroy());
  });
  const udsName = join(dir, 'services.sock');
  await new Promise<void>((resolve) => server.listen(udsName, resolve));
  const file = join(dir, 'egress.yaml');
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName } } };
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: 'apiserver.k8s.io/v1beta1',
      kind: 'EgressSelectorConfiguration',
      egressSelections: [{ name: 'cluster', connection }],
    }),
  );
  return {
    flags: [`--egress-selector-config-file=${file}`],
    lead: (port) => {
      to = port;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const near of open) near.destroy();
      }),
  };
}
