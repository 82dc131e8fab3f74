import { relay } from './relay.ts';

/**
 * Runs in a network namespace of its own and hands connections on, `FROM>TO` each: `HOST:PORT`, or a socket's path, since
 * files know no network namespaces. Ends when its input does.
 */
for (const pair of process.argv.slice(2)) {
  const [from = '', to = ''] = pair.split('>');
  await relay(end(from), end(to));
}
process.stdout.write('ready\n');
process.stdin.resume().once('end', () => process.exit(0));

function end(text: string): { path: string } | { host: string; port: number } {
  if (text.startsWith('/')) return { path: text };
  const [host = '', port = ''] = text.split(':');
  return { host, port: Number(port) };
}
