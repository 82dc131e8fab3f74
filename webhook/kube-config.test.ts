import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { temporaryDirectory } from '../test/support/temp.ts';
import { loadKubeConfig } from './kube-config.ts';

const before = { KUBECONFIG: process.env.KUBECONFIG, HOME: process.env.HOME };
afterEach(() => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

function file(current: string): string {
  const path = join(temporaryDirectory(), 'kubeconfig');
  writeFileSync(
    path,
    JSON.stringify({
      'current-context': current,
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443' } }],
      users: [{ name: 'u', user: { token: 't' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }),
  );
  return path;
}

describe('the way to the API server', () => {
  it('is read from the file that is named', async () => {
    expect((await loadKubeConfig(file('x'))).getCurrentCluster()?.server).toBe('https://127.0.0.1:6443');
  });

  it('is read from KUBECONFIG', async () => {
    process.env.KUBECONFIG = file('x');
    expect((await loadKubeConfig(null)).getCurrentCluster()?.server).toBe('https://127.0.0.1:6443');
  });

  const faults: readonly [what: string, path: () => string | null, told: string][] = [
    ['a file that is missing', () => join(temporaryDirectory(), 'none'), 'ENOENT'],
    [
      'a file that is no kubeconfig',
      () => {
        const path = join(temporaryDirectory(), 'kubeconfig');
        writeFileSync(path, '[');
        return path;
      },
      'cannot be read',
    ],
    ['a context that is not there', () => file('y'), 'has no cluster for its current context "y"'],
    [
      'no file and no cluster around',
      () => {
        process.env.KUBECONFIG = '';
        process.env.HOME = temporaryDirectory();
        return null;
      },
      'no cluster was found',
    ],
  ];
  it.each(faults)('is refused of %s', async (_what, path, told) => {
    await expect(loadKubeConfig(path())).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining(told),
    });
  });
});
