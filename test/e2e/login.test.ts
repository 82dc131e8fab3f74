import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clean, openStage, type Stage } from '../integration/stage.ts';
import { temporaryDirectory } from '../support/temp.ts';
import { writeUsers } from '../support/users.ts';
import { type Containerd, startContainerd } from './support/containerd.ts';
import { haveAptPrograms } from './support/programs.ts';
import { run } from './support/run.ts';

const available = haveAptPrograms('skopeo', 'podman', 'containerd', 'ctr');

const namespace = 'registry.corp';

/** Everybody's password is `pw-` and the name. Nobody pulls without a login; alice alone pushes. */
const access = [
  { users: ['*'], repositories: ['**'], actions: ['pull'] },
  { users: ['alice'], repositories: ['hosted/team-a/**'], actions: ['push', 'delete'] },
];

(available ? describe : describe.skip)('real clients log in (needs skopeo, podman, containerd)', () => {
  let stage: Stage;
  let containerd: Containerd;
  let proxy = '';

  beforeAll(async () => {
    const users = writeUsers(temporaryDirectory(), ['alice', 'bob']);
    stage = await openStage({ repositories: { 'team/app': { clean } }, config: { auth: { users, access } } });
    proxy = `127.0.0.1:${stage.pratique.ports.registry}`;
    // The mirror form: the client asks for `team/app?ns=…`, and its scope names no alias of the proxy.
    containerd = await startContainerd(temporaryDirectory(), namespace, stage.pratique.registry);
  });
  afterAll(async () => {
    await containerd?.stop();
    await stage?.close();
  });

  /** A file with the logins of one person. */
  const wallet = (): string => {
    const file = join(temporaryDirectory(), 'auth.json');
    writeFileSync(file, '{}');
    return file;
  };
  const login = (program: string, user: string, password: string, authFile: string) =>
    run(program, ['login', '--tls-verify=false', '--authfile', authFile, '-u', user, '-p', password, proxy]);
  const pull = (authFile: string) =>
    run('skopeo', [
      'copy',
      '--authfile',
      authFile,
      '--src-tls-verify=false',
      `docker://${proxy}/corp/team/app:clean`,
      `dir:${join(temporaryDirectory(), 'out')}`,
    ]);
  const push = (authFile: string, to: string) =>
    run('skopeo', [
      'copy',
      '--authfile',
      authFile,
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      `docker://${proxy}/corp/team/app:clean`,
      `docker://${proxy}/${to}`,
    ]);

  it.each(['skopeo', 'podman'])('%s login takes the right password and no other', async (program) => {
    const authFile = wallet();
    const wrong = await login(program, 'alice', 'pw-bob', authFile);
    expect(wrong.code).not.toBe(0);
    expect(wrong.err).toMatch(/invalid username\/password|unknown user or wrong password/);
    expect((await pull(authFile)).code).not.toBe(0);
    expect(await login(program, 'alice', 'pw-alice', authFile)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Login Succeeded!'),
    });
    expect(await pull(authFile)).toMatchObject({ code: 0 });
  });
  it('who did not log in pulls nothing and is told to log in', async () => {
    const { code, err } = await pull(wallet());
    expect(code).not.toBe(0);
    expect(err).toMatch(/log in first|authentication required/);
  });
  it('who may push does, to his repositories alone, and others are told that they may not', async () => {
    const [alice, bob] = [wallet(), wallet()];
    await login('skopeo', 'alice', 'pw-alice', alice);
    await login('skopeo', 'bob', 'pw-bob', bob);
    expect(await push(alice, 'hosted/team-a/app:1')).toMatchObject({ code: 0 });
    const elsewhere = await push(alice, 'hosted/team-b/app:1');
    expect(elsewhere.err).toMatch(/alice may not push hosted\/team-b\/app/);
    const other = await push(bob, 'hosted/team-a/app:1');
    expect(other.err).toMatch(/bob may not push hosted\/team-a\/app/);
  });
  it('podman pulls from a registry that asks for a login', async () => {
    const authFile = wallet();
    await login('podman', 'bob', 'pw-bob', authFile);
    const root = temporaryDirectory();
    const args = ['--root', join(root, 'root'), '--runroot', join(root, 'run'), '--storage-driver', 'vfs'];
    const image = `${proxy}/corp/team/app:clean`;
    const pulled = await run('podman', [
      ...args,
      'pull',
      '--tls-verify=false',
      '--authfile',
      authFile,
      image,
    ]);
    expect(pulled).toMatchObject({ code: 0 });
  });
  it('containerd pulls through its mirror form with a login, and not without', async () => {
    const image = `${namespace}/team/app:clean`;
    const stranger = await containerd.pull(image);
    expect(stranger.code).not.toBe(0);
    expect(stranger.err).toMatch(/401|authoriz/i);
    expect(await containerd.pull(image, 'linux/amd64', 'bob:pw-bob')).toMatchObject({ code: 0 });
  });
});
