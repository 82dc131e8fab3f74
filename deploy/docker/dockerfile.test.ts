import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** What can be said of the image without a registry to take its base from. */

const text = readFileSync('deploy/docker/Dockerfile', 'utf8').replaceAll('\\\n', ' ');
const instructions = text
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line))
  .map((line) => ({
    name: line.slice(0, line.indexOf(' ')),
    rest: line.slice(line.indexOf(' ') + 1).trim(),
  }));
const ignored = readFileSync('.dockerignore', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** Of the build's context: what COPY takes from no other stage. */
const sources = instructions
  .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
  .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
/** As `.dockerignore` is read: the last line that fits decides. */
const isSent = (path: string): boolean =>
  ignored.reduce((sent, line) => {
    const pattern = line.replace(/^!/, '');
    const fits =
      pattern === '*' || pattern === path || path.startsWith(`${pattern}/`) || isBelow(pattern, path);
    return fits ? line.startsWith('!') : sent;
  }, true);
const isBelow = (pattern: string, path: string): boolean =>
  pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1));

describe('the Dockerfile', () => {
  it('copies what is there and is sent to the build', () => {
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
    expect(sources.filter((path) => !isSent(path))).toEqual([]);
  });

  it('copies every room that is compiled, and every built one into the image', () => {
    const { include } = JSON.parse(readFileSync('tsconfig.json', 'utf8')) as {
      readonly include: readonly string[];
    };
    const rooms = include.filter((room) => !['demo', 'test', 'bench', 'deploy'].includes(room));
    expect(rooms.filter((room) => !sources.includes(room))).toEqual([]);
    const built = instructions
      .filter(({ name, rest }) => name === 'COPY' && rest.startsWith('--from=build /src/dist/'))
      .map(({ rest }) => rest.split('/').at(-1));
    expect([...built].sort()).toEqual([...rooms].sort());
  });

  it('builds on one base, runs as a user by number, and ends with both targets', () => {
    const froms = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest);
    expect(froms.slice(-3)).toEqual([`\${NODE_IMAGE} AS base`, 'base AS webhook', 'base AS pratique']);
    const users = instructions.filter(({ name }) => name === 'USER').map(({ rest }) => rest);
    expect(users).toEqual(['10001:10001']);
    // Nothing is run as that user: what it could write, a running container could have written.
    const last = instructions.map(({ name }) => name).lastIndexOf('RUN');
    expect(last).toBeLessThan(instructions.findIndex(({ name }) => name === 'USER'));
  });

  it('sends no test and nothing that was built here', () => {
    const top = readdirSync('.').filter((name) => isSent(name));
    expect(top).not.toEqual(expect.arrayContaining(['node_modules']));
    for (const name of ['node_modules', 'dist', 'test', '.git', 'docs']) expect(isSent(name)).toBe(false);
    expect(ignored.at(-1)).toBe('**/*.test.ts');
  });
});
