import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { startProgram } from './background.ts';

export interface Alertmanager {
  readonly url: string;
  stop(): Promise<void>;
}

/** Debian's prometheus-alertmanager on a free loopback port, alone. */
export async function startAlertmanager(dir: string): Promise<Alertmanager> {
  const host = `127.0.0.1:${await freePort()}`;
  const url = `http://${host}`;
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'alertmanager.yml');
  writeFileSync(config, JSON.stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }));
  const program = await startProgram(
    'prometheus-alertmanager',
    [
      `--config.file=${config}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=${host}`,
      '--cluster.listen-address=',
    ],
    async () => {
      try {
        return (await fetch(`${url}/-/ready`)).ok;
      } catch {
        return false;
      }
    },
  );
  return { url, stop: () => program.stop() };
}
