import { errorText, isPratiqueError, PratiqueError } from '../../../core/errors.ts';
import type { Ask, FeedDefinition, LocalFile, RemoteFile } from '../feed.ts';
import { elementAt, elementsOf, type XmlElement } from '../xml.ts';
import { readRecordsOfXml } from '../xml-records.ts';
import { parseUpdate } from './parse.ts';

/** Lists of mirrors, from /etc/yum.repos.d of the distribution's images; the core repositories alone. */
const mirrorLists: ReadonlyMap<string, string> = new Map([
  ['2', 'https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list'],
  ['2023', 'https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list'],
]);

/** Advisories of Amazon Linux as its repositories have them. One repository's list is about all architectures. */
export const amazonUpdateinfo: FeedDefinition = {
  name: 'amazon-updateinfo',
  publisher: 'Amazon Web Services',
  licence: 'Copyright Amazon (no licence is named in the files)',
  async remote(ask) {
    const files: RemoteFile[] = [];
    for (const [release, list] of mirrorLists) {
      files.push({ path: `${release}/updateinfo.xml.gz`, url: await updateinfoUrl(ask, list) });
    }
    return files;
  },
  read: (files) =>
    readRecordsOfXml(files, {
      packing: 'gzip',
      what: 'a gzip file of updates (updateinfo.xml)',
      root: 'updates',
      wanted: 'update',
      parse: (local) => {
        const release = releaseOf(local);
        return (update) => parseUpdate(update, release);
      },
    }),
};

function releaseOf({ path }: LocalFile): string {
  const release = path.split('/')[0] ?? '';
  if (mirrorLists.has(release)) return release;
  throw new PratiqueError(
    'advisories-unreadable',
    `${path} is of no release of Amazon Linux that is known: it has to lie in ${[...mirrorLists.keys()].join(' or ')}/`,
    { path },
  );
}

const mostMirrors = 8;

/** Where the first mirror that answers says that its updateinfo is. */
async function updateinfoUrl(ask: Ask, list: string): Promise<string> {
  const mirrors = (await ask(list))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^https:\/\/\S+$/.test(line) && URL.canParse(line))
    .slice(0, mostMirrors);
  let failure: unknown = misbehaved(list, 'names no mirror');
  for (const mirror of mirrors) {
    const base = `${mirror.replace(/\/+$/, '')}/`;
    const index = `${base}repodata/repomd.xml`;
    try {
      return new URL(hrefIn(await ask(index), index), base).href;
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** `repodata/….updateinfo.xml.gz`, as the repository's index has it. */
function hrefIn(text: string, index: string): string {
  let data: readonly XmlElement[];
  try {
    data = elementsOf(text, 'repomd', 'data');
  } catch (error) {
    throw misbehaved(index, `is no index of a repository: ${errorText(error)}`, error);
  }
  const updateinfo = data.find((one) => one.attributes.get('type') === 'updateinfo');
  const href = updateinfo === undefined ? null : elementAt(updateinfo, 'location')?.attributes.get('href');
  if (href === undefined || href === null || !/^repodata\/[\w.-]+\.xml\.gz$/.test(href)) {
    throw misbehaved(index, 'names no updateinfo that is packed with gzip');
  }
  return href;
}

function misbehaved(url: string, why: string, cause?: unknown): PratiqueError {
  return new PratiqueError('upstream-misbehaved', `${url} ${why}`, { url }, cause);
}
