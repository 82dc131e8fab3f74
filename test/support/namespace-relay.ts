import { join } from 'node:path';
import { relay } from './relay.ts';

/**
 * Runs in a network namespace of its own: what connects to one of these ports of loopback there reaches whoever
 * listens on the socket `FOLDER/PORT.sock`, since files know no network namespaces. Ends when its input does.
 */
const [folder = '', ...ports] = process.argv.slice(2);
for (const port of ports) {
  await relay({ host: '127.0.0.1', port: Number(port) }, { path: join(folder, `${port}.sock`) });
}
process.stdout.write('ready\n');
process.stdin.resume().once('end', () => process.exit(0));
