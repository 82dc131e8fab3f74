import { joinPath, parentOf } from '../../archive/tar-path.ts';
import { type FileFacts, type FoundPackage, onlyIncomplete } from '../cataloger.ts';
import { jsonOf, listOf, objectOf, textOf } from '../json.ts';
import { licenseNames } from '../license-names.ts';

const odd = /[\s\p{Cc}\p{Surrogate}]/u;
/** Metadata of a project that is installed by itself, not of one within another (`setuptools/_vendor`). */
const projectFile =
  /^(?:[^/]+\/)*site-packages\/[^/]+(?:\.dist-info\/METADATA|\.egg-info(?:\/PKG-INFO)?|\.egg\/EGG-INFO\/PKG-INFO)$/i;
const longestPath = 900;
const mostProjects = 8;

/** The record of one package in a conda environment (conda's "prefix record"). */
export function parseRecord(path: string, content: Buffer): FileFacts {
  const json = jsonOf(content);
  if ('fault' in json) return onlyIncomplete(path, json.fault);
  const record = objectOf(json.value);
  const name = textOf(record?.name);
  const version = textOf(record?.version);
  if (record === null || name === null || version === null)
    return onlyIncomplete(path, 'it names no package');
  if (odd.test(name) || odd.test(version)) {
    return onlyIncomplete(path, 'its name or version is none that conda knows');
  }
  const alsoAt = projectsIn(parentOf(parentOf(path)), listOf(record.files));
  const found: FoundPackage = {
    type: 'conda',
    name,
    version,
    arch: plain(record.arch),
    source: { name, version },
    licenses: licenseNames([record.license]),
    qualifiers: qualifiersOf(record),
    ...(alsoAt.length === 0 ? {} : { alsoAt }),
  };
  return { packages: [found], os: null, incomplete: [] };
}

/** package-url specification, type `conda`. */
function qualifiersOf(record: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const file = textOf(record.fn) ?? '';
  const type = /\.(conda|tar\.bz2)$/.exec(file)?.[1] ?? null;
  const told = [
    ['build', plain(record.build)],
    ['channel', channelOf(record)],
    ['subdir', plain(record.subdir)],
    ['type', type],
  ] as const;
  return Object.fromEntries(told.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}

/** `https://conda.example.org/conda-forge/linux-64` is called `conda-forge`; what comes before may hold a password. */
function channelOf(record: Readonly<Record<string, unknown>>): string | null {
  const parts = (textOf(record.channel) ?? '').split('/').filter((part) => part !== '');
  const subdir = textOf(record.subdir);
  if (parts.length > 1 && parts.at(-1) === subdir) parts.pop();
  return plain(parts.at(-1));
}

function plain(value: unknown): string | null {
  const text = textOf(value);
  return text === null || odd.test(text) || text.includes('@') ? null : text;
}

/** Files of the package that tell it as a Python project. */
function projectsIn(environment: string, files: readonly unknown[]): readonly string[] {
  const projects: string[] = [];
  for (const file of files) {
    if (typeof file !== 'string' || file.length > longestPath || !projectFile.test(file)) continue;
    const path = joinPath(environment, file);
    if (path.length > longestPath || path.split('/').includes('..')) continue;
    projects.push(path);
    if (projects.length === mostProjects) break;
  }
  return projects;
}
