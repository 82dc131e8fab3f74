import { connect, createServer, type ListenOptions, type NetConnectOpts, type Server } from 'node:net';

/** Hands every connection to `from` on to `to`, as it is. Listens when the promise is kept. */
export function relay(from: ListenOptions, to: NetConnectOpts): Promise<Server> {
  const server = createServer((near) => {
    const far = connect(to);
    near.pipe(far).pipe(near);
    // Whichever side is gone, the other one has to notice.
    near.once('close', () => far.destroy()).on('error', () => far.destroy());
    far.once('close', () => near.destroy()).on('error', () => near.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(from, () => resolve(server));
  });
}
