import type { Difference, Explanation } from './compare.ts';
import { ownedNote } from './generator.ts';
import { nothingLoaded } from './lists/dotnet.ts';
import { noClasses } from './lists/jars.ts';

/** Files that Node finds a package by; of any other package.json Node knows nothing. */
const byNode = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/;

const isMissing = ({ kind }: Difference): boolean => kind === 'missing';
const isExtra = ({ kind }: Difference): boolean => kind === 'extra';
const noteOf = ({ listed }: Difference): string => listed.note ?? '';
const hasGroup = (name: string): boolean => name.includes(':');
/** What the other side has at the very place. */
const atPlace = ({ listed, instead }: Difference) => instead.filter(({ place }) => place === listed.place);

/** Differences from the package managers' own lists. */
const fromLists: readonly Explanation[] = [
  {
    id: 'signing-key',
    text: 'a key that packages are signed with, kept among the packages: no software, so not listed',
    lists: ['rpm', 'generator'],
    explains: (one) => isMissing(one) && one.listed.name === 'gpg-pubkey',
  },
  {
    id: 'python-vendored',
    text: "a copy within another project, off the interpreter's path: pip does not list it, but it is there and can be loaded",
    lists: ['python'],
    explains: (one) => isExtra(one) && /\/_vendor\/|\/vendor\//.test(one.listed.place),
  },
  {
    id: 'python-test-data',
    text: "an installed project among another's test data: nothing tells it from one that is used",
    lists: ['python'],
    explains: (one) => isExtra(one) && /\/tests?\//.test(one.listed.place),
  },
  {
    id: 'gem-twice',
    text: 'the same gem and version is there twice; RubyGems lists the first that it finds',
    lists: ['gems'],
    explains: (one) =>
      isExtra(one) &&
      one.instead.some(({ name, version }) => name === one.listed.name && version === one.listed.version),
  },
  {
    id: 'jar-nested',
    text: 'an archive in an archive, which unzip does not open',
    lists: ['jars', 'maven-repo'],
    explains: (one) => isExtra(one) && one.listed.place.includes('!/'),
  },
  {
    id: 'jar-by-name',
    text: 'the jar has no descriptor of its own, so it is told by its file name and manifest, without a group (decision 12)',
    lists: ['jars'],
    explains: (one) => isExtra(one) && !hasGroup(one.listed.name),
  },
  {
    id: 'jar-no-classes',
    text: 'a jar without classes and descriptor (translations, resources) holds nothing that runs, and tells nothing (decision 12)',
    lists: ['maven-repo'],
    explains: (one) => isMissing(one) && noteOf(one) === noClasses,
  },
  {
    id: 'jar-group-unknown',
    text: "Debian's link knows the coordinates, the jar itself does not: it is told by its artifact, and matched in any group (decision 12)",
    lists: ['maven-repo'],
    explains: (one) => isMissing(one) && atPlace(one).some(({ name }) => !hasGroup(name)),
  },
  {
    id: 'jar-by-artifact',
    text: 'the same jar as its file tells it, or one to which Debian gives no coordinates',
    lists: ['maven-repo'],
    explains: (one) => isExtra(one) && !hasGroup(one.listed.name),
  },
  {
    id: 'jar-other-coordinates',
    text: "Debian's link and the descriptor in the jar name it otherwise (a relocated artifact, a patched version): the jar's own word counts",
    lists: ['maven-repo'],
    explains: (one) => isMissing(one) && atPlace(one).length > 0,
  },
  {
    id: 'jar-shaded',
    text: "a library that was copied into the jar with its descriptor, the jar's own name where Debian's link has another, or a jar without a link",
    lists: ['maven-repo'],
    explains: (one) => isExtra(one) && hasGroup(one.listed.name),
  },
  {
    id: 'go-without-record',
    text: 'linked without the record of its build: "go version" says that it is no Go program; the list in its data is read here (decision 11)',
    lists: ['go'],
    explains: (one) => isExtra(one) && /\/esbuild$/.test(one.listed.place),
  },
  {
    id: 'dotnet-nothing-loaded',
    text: 'no file of the package is there to be loaded: it stands for others, or the shared framework has its code (decision 30)',
    lists: ['dotnet'],
    explains: (one) => isMissing(one) && noteOf(one) === nothingLoaded,
  },
];

/** Differences between a folder and an image of it. */
const fromImage: readonly Explanation[] = [
  {
    id: 'hard-links',
    text: 'hard links are one program in an image, told with all its names; in a folder each is a file, and those of known names are looked at',
    lists: ['as an image'],
    explains: ({ listed, instead }) =>
      listed.type === 'generic' &&
      instead.some((one) => one.name === listed.name && one.version === listed.version),
  },
];

/** Differences from the other generator. */
const fromGenerator: readonly Explanation[] = [
  {
    id: 'generator-owned',
    text: 'the generator leaves out what a package of the distribution brought; it is listed here with its owner, whose findings count (decision 21)',
    lists: ['generator'],
    explains: (one) => isExtra(one) && noteOf(one).startsWith(ownedNote),
  },
  {
    id: 'generator-go-library',
    text: "the generator's version does not tell Go's standard library and commands, which have advisories",
    lists: ['generator'],
    explains: (one) =>
      isExtra(one) && one.listed.type === 'golang' && ['stdlib', 'toolchain'].includes(one.listed.name),
  },
  {
    id: 'generator-go-without-record',
    text: 'a Go program without the record of its build, which the generator does not see (decision 11)',
    lists: ['generator'],
    explains: (one) => isExtra(one) && one.listed.type === 'golang' && noteOf(one).endsWith('/esbuild'),
  },
  {
    id: 'generator-go-main',
    text: "a program's main module, which the generator leaves out; an advisory can be about it",
    lists: ['generator'],
    explains: (one) =>
      isExtra(one) && one.listed.type === 'golang' && /^\(devel\)$|\+dirty$/.test(one.listed.version),
  },
  {
    id: 'generator-go-mod',
    text: 'read from a go.mod among sources (its versions have no v): it says what a program would be built from, and no program is there',
    lists: ['generator'],
    explains: (one) => isMissing(one) && one.listed.type === 'golang' && !one.listed.version.startsWith('v'),
  },
  {
    id: 'generator-rust-own',
    text: "the program's own crate, which the generator leaves out; an advisory can be about it",
    lists: ['generator'],
    explains: (one) =>
      isExtra(one) && one.listed.type === 'cargo' && noteOf(one).endsWith(`/${one.listed.name}`),
  },
  {
    id: 'generator-rust',
    text: 'the generator does not tell the crates of this program, although cargo-auditable wrote them into it',
    lists: ['generator'],
    explains: (one) => isExtra(one) && one.listed.type === 'cargo' && noteOf(one) === 'usr/local/bin/app',
  },
  {
    id: 'generator-package-json',
    text: 'a package.json where Node finds no package: of the project itself, of test data, or beside code that a bundler copied (decision 30)',
    lists: ['generator'],
    explains: (one) =>
      isMissing(one) && one.listed.type === 'npm' && noteOf(one) !== '' && !byNode.test(noteOf(one)),
  },
  {
    id: 'generator-dotnet',
    text: 'a package of .NET without a file to load (see the row of deps.json)',
    lists: ['generator'],
    explains: (one) => isMissing(one) && one.listed.type === 'nuget',
  },
  {
    id: 'generator-dotnet-framework',
    text: 'the shared framework, called as Microsoft publishes it and advisories name it (decision 30)',
    lists: ['generator'],
    explains: (one) =>
      isExtra(one) && one.listed.type === 'nuget' && /^Microsoft\..*App\.Runtime\./.test(one.listed.name),
  },
  {
    id: 'generator-jar-by-name',
    text: 'a jar without a descriptor: the generator asks a list of digests for it, which it would have to download, and leaves it out',
    lists: ['generator'],
    explains: (one) => isExtra(one) && one.listed.type === 'generic' && /\.[jwe]ar(?:!|$)/.test(noteOf(one)),
  },
  {
    id: 'generator-program',
    text: 'a program that no package brought, told by the version string in it (decision 31)',
    lists: ['generator'],
    explains: (one) => isExtra(one) && one.listed.type === 'generic',
  },
  {
    id: 'generator-vendor-txt',
    text: 'a copy within pip, which has no metadata beside it but a list (decision 30)',
    lists: ['generator'],
    explains: (one) => isExtra(one) && one.listed.type === 'pypi' && noteOf(one).endsWith('/vendor.txt'),
  },
];

/** Every kind of difference that has been looked into. What none of these explains fails the run. */
export const explanations: readonly Explanation[] = [...fromLists, ...fromImage, ...fromGenerator];
