import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { catalogLimits, listCatalog } from './catalog.ts';
import { sendError } from './respond.ts';

const held: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['library/alpine', 'library/nginx'],
  'docker-x': ['a'],
  corp: ['secret/one', 'secret/two', 'team/app'],
  hosted: ['team/app', 'team/base'],
  gone: ['old/app'],
  'harbor:one': ['x/y'],
};
const all = [
  'corp/secret/one',
  'corp/secret/two',
  'corp/team/app',
  'docker-x/a',
  'docker.io/library/alpine',
  'docker.io/library/nginx',
  'hosted/team/app',
  'hosted/team/base',
];
const upstreams = ['hosted', 'docker.io', 'corp', 'docker-x', 'empty'];

let close: () => void = () => undefined;
afterEach(() => close());

/** All answers that following the links gives, from this query on. */
async function follow(
  query: string,
  options: { upstream?: string; maySee?: (name: string) => boolean; list?: typeof pathsOf } = {},
): Promise<{
  pages: readonly (readonly string[])[];
  links: readonly string[];
  status: number;
  text: string;
}> {
  const { upstream = null, maySee = () => true, list = pathsOf } = options;
  const repositories = {
    listRepositories: (name: string, last: string | null, limit: number) =>
      Promise.resolve(list(name, last, limit)),
  };
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '', 'http://here');
    listCatalog({ upstreams, repositories }, response, {
      upstream,
      query: asked.searchParams,
      method: 'GET',
      maySee,
    }).then(
      (refusal) => {
        if (refusal !== null) sendError(response, 'GET', refusal);
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => server.close();
  const { port } = server.address() as AddressInfo;
  const pages: (readonly string[])[] = [];
  const links: string[] = [];
  for (let next: string | undefined = `/v2/_catalog${query}`; ; ) {
    const answer = await fetch(`http://127.0.0.1:${port}${next}`, { headers: { Connection: 'close' } });
    const text = await answer.text();
    if (answer.status !== 200) return { pages, links, status: answer.status, text };
    pages.push((JSON.parse(text) as { repositories: string[] }).repositories);
    next = /^<([^>]*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    if (next === undefined) return { pages, links, status: 200, text };
    links.push(next);
  }
}

function pathsOf(upstream: string, last: string | null, limit: number): readonly string[] {
  return (held[upstream] ?? []).filter((path) => last === null || path > last).slice(0, limit);
}

describe('the catalog', () => {
  it('has all that is configured, sorted by the names that are asked for', async () => {
    expect((await follow('')).pages).toEqual([all]);
    expect([...all].sort()).toEqual(all);
  });

  it.each([1, 2, 3, 7, 8, 100])('comes whole in pages of %d', async (n) => {
    const { pages } = await follow(`?n=${n}`);
    expect(pages.flat()).toEqual(all);
    expect(pages.every((page) => page.length > 0 && page.length <= n)).toBe(true);
  });

  it.each([
    ['docker.io/library/alpine', all.slice(5)],
    ['docker.io', all.slice(4)],
    ['corp/team/app', all.slice(3)],
    ['nowhere', []],
    ['', all],
  ])('goes on after %s', async (last, expected) => {
    expect((await follow(`?last=${encodeURIComponent(last)}`)).pages.flat()).toEqual(expected);
  });

  it('names those of one upstream without its alias where that is how they are asked for', async () => {
    const { pages, links } = await follow('?n=1&ns=docker.io', { upstream: 'docker.io' });
    expect(pages).toEqual([['library/alpine'], ['library/nginx']]);
    expect(links).toEqual(['/v2/_catalog?n=1&last=library%2Falpine&ns=docker.io']);
  });

  it('leaves out what may not be pulled, in names and in links, and fills its pages all the same', async () => {
    const maySee = (name: string): boolean => !name.startsWith('corp/secret/') && name !== 'docker-x/a';
    const { pages, links } = await follow('?n=2', { maySee });
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(all.filter(maySee));
    expect(links.join()).not.toMatch(/secret|docker-x/);
  });

  it('says so where too much would be read for nothing', async () => {
    let read = 0;
    const list = (upstream: string, last: string | null, limit: number): readonly string[] => {
      if (upstream !== 'corp') return [];
      read += limit;
      const from = last === null ? 0 : Number(last.slice(1));
      return Array.from({ length: limit }, (_, at) => `r${String(from + at + 1).padStart(9, '0')}`);
    };
    const { status, text } = await follow('', { maySee: () => false, list });
    expect([status, text]).toEqual([403, expect.stringContaining('give \\"last\\"')]);
    expect(read).toBe(catalogLimits.reads);
  });

  it.each(['-1', 'x', '1e3', '9999999999'])('takes no n=%s', async (n) => {
    expect((await follow(`?n=${n}`)).status).toBe(400);
  });

  it('is empty for n=0', async () => {
    expect(await follow('?n=0')).toMatchObject({ pages: [[]], links: [] });
  });
});
