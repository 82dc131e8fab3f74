import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { copyWebhook } from '../../deploy/tools/webhook-layer.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { selfSignedCertificate } from '../support/tls.ts';

/** The webhook's image holds what it needs, and nothing of what inspects, serves or shows images. */

const dir = temporaryDirectory();
const layer = join(dir, 'app');
beforeAll(() => copyWebhook(resolve('.'), layer), 60_000);

describe('the files of the webhook’s image', () => {
  it('hold no scanner, no proxy, no adapter and no other command', () => {
    const there = (path: string): readonly string[] =>
      existsSync(join(layer, path)) ? readdirSync(join(layer, path)) : [];
    expect(there('dist/scanner')).not.toEqual(expect.arrayContaining(['catalogers']));
    expect(there('dist')).not.toEqual(
      expect.arrayContaining(['harbor-adapter', 'scanners', 'test', 'demo', 'bench']),
    );
    expect(there('dist/app/commands')).not.toEqual(expect.arrayContaining(['scan.js', 'serve-all.js']));
    expect(there('node_modules')).not.toEqual(
      expect.arrayContaining(['http-proxy-middleware', 'axios', 'node-cron', 'jest', 'typescript']),
    );
  });

  it('are enough to start, and to say why it is not ready yet', async () => {
    const { cert } = selfSignedCertificate();
    writeFileSync(join(dir, 'ca.crt'), cert);
    mkdirSync(join(dir, 'data'));
    const management = await freePort();
    const config = {
      data: join(dir, 'data'),
      listen: { management: `127.0.0.1:${management}`, webhook: `127.0.0.1:${await freePort()}` },
      webhook: {
        proxy: { url: 'https://127.0.0.1:1', ca: join(dir, 'ca.crt'), tokenEnv: 'TOKEN' },
        secret: undefined,
      },
    };
    writeFileSync(join(dir, 'pratique.yaml'), JSON.stringify(config));
    const args = ['dist/app/cli.js', 'serve', '--roles', 'webhook', '--config', join(dir, 'pratique.yaml')];
    const child = spawn(process.execPath, args, {
      ...{ cwd: layer, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { TOKEN: 'x'.repeat(40), HOME: dir },
    });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log += chunk.toString();
      });
    }
    const ended = new Promise<number | null>((done) => child.once('close', done));
    try {
      for (
        let left = 200;
        !log.includes('pratique is listening') && child.exitCode === null && left > 0;
        left -= 1
      ) {
        await sleep(100);
      }
      expect(log).toContain('pratique is listening');
      const answer = await fetch(`http://127.0.0.1:${management}/readyz`);
      expect(answer.status).toBe(503);
    } finally {
      child.kill('SIGTERM');
    }
    expect({ code: await ended, log }).toEqual({ code: 0, log: expect.stringContaining('pratique stops') });
  }, 60_000);
});
