import { Content, freshBytes, types } from './content.ts';

const exampleType = 'application/vnd.example.first+json';
const otherType = 'application/vnd.example.second+json';
const annotations = { 'org.example.hello': 'conformance' };
const amd64 = { platform: { os: 'linux', architecture: 'amd64' } };
const arm64 = { platform: { os: 'linux', architecture: 'arm64' } };

export interface DataCase {
  readonly name: string;
  readonly make: () => Content;
  /** Tags are given with the push by digest (`?tag=`), as digests other than sha256 need it. */
  readonly byParameter?: boolean;
  /** Why the gate refuses it, where it is on: no policy lets such content through (docs/conformance.md). */
  readonly refused?: string;
}

/** Two images under one index, of the platforms that are vetted here. */
function pair(content: Content, further: Readonly<Record<string, unknown>> = {}) {
  const children = [
    { ...content.image(), ...amd64 },
    { ...content.image({ architecture: 'arm64' }), ...arm64 },
  ];
  return content.index(children, further);
}

function filled(make: (content: Content) => unknown): () => Content {
  return () => {
    const content = new Content();
    make(content);
    return content;
  };
}

const large = Object.fromEntries(
  Array.from({ length: 390 }, (_, at) => [`large-annotation-${at}`, 'A'.repeat(10_000)]),
);

/** What the official suite pushes, by its names. */
export const dataCases: readonly DataCase[] = [
  { name: 'image', make: filled((to) => to.tag('image', to.image())) },
  {
    name: 'image-uncompressed',
    make: filled((to) => to.tag('uncompressed', to.image({ compressed: false }))),
  },
  {
    name: 'large-manifest',
    make: filled((to) => to.tag('large', to.image({ manifest: { annotations: large } }))),
  },
  { name: 'index', make: filled((to) => to.tag('index', pair(to))) },
  {
    name: 'nested-index',
    make: filled((to) => to.tag('nested', to.index([pair(to), pair(to)]))),
  },
  {
    name: 'empty-index',
    make: filled((to) => to.tag('empty', to.index([]))),
    refused: 'offers no platform',
  },
  {
    name: 'artifact',
    make: filled((to) => to.tag('artifact', to.artifact(exampleType, {}, freshBytes(500)))),
  },
  {
    name: 'artifact-index',
    make: filled((to) =>
      to.tag(
        'artifacts',
        to.index(
          [
            { ...to.artifact(exampleType, {}, freshBytes(500)), ...amd64 },
            { ...to.artifact(exampleType, {}, freshBytes(500)), ...arm64 },
          ],
          { artifactType: exampleType },
        ),
      ),
    ),
  },
  { name: 'artifact-without-layers', make: filled((to) => to.tag('bare', to.artifact(otherType))) },
  {
    name: 'artifacts-with-subject',
    make: filled((to) => {
      const subject = to.image();
      to.tag('subject', subject);
      to.image({ manifest: { subject } });
      to.tag('first', to.artifact(exampleType, { subject, annotations }, freshBytes(500)));
      to.tag('second', to.artifact(otherType, { subject, annotations }, freshBytes(500)));
    }),
  },
  {
    name: 'index-with-subject',
    make: filled((to) => {
      const subject = pair(to);
      to.tag('subject', subject);
      to.tag('list', pair(to, { subject, annotations, artifactType: exampleType }));
    }),
  },
  {
    name: 'missing-subject',
    make: filled((to) => {
      const digest = `sha256:${'5'.repeat(64)}`;
      const subject = { mediaType: types.image, digest, size: 123 };
      to.tag('orphan', to.artifact(exampleType, { subject, annotations }, freshBytes(500)));
    }),
  },
  { name: 'data-field', make: filled((to) => to.tag('data', to.image({ withData: true }))) },
  {
    name: 'non-distributable-layers',
    make: filled((to) => to.tag('foreign', to.image({ layers: 1, foreign: 2 }))),
    refused: 'has no blob',
  },
  {
    name: 'custom-fields',
    make: filled((to) => {
      const further = { 'org.example.unknown': { deep: [1, 'two'] } };
      const child = { ...to.image({ manifest: further, config: further }), ...amd64 };
      to.tag('custom', to.index([child], further));
    }),
  },
  { name: 'no-layers', make: filled((to) => to.tag('no-layers', to.image({ layers: 0 }))) },
  {
    name: 'sha512',
    make: () => {
      const content = new Content('sha512');
      pair(content);
      return content;
    },
  },
  {
    name: 'tag-param-sha256',
    make: filled((to) => to.tag('by-parameter', pair(to)).tag('by-parameter-too', to.image())),
    byParameter: true,
  },
  {
    name: 'tag-param-sha512',
    make: () => {
      const content = new Content('sha512');
      const index = pair(content);
      return content.tag('long', index).tag('long-too', index);
    },
    byParameter: true,
  },
];
