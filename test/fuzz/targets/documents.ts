import { isPratiqueError } from '../../../core/errors.ts';
import { parseImageConfig, parseManifest } from '../../../registry/manifest.ts';
import { buildImage, buildIndex } from '../../support/images.ts';
import type { Target } from '../target.ts';
import { magnitude, plain } from './facts.ts';

const image = (): ReturnType<typeof buildImage> =>
  buildImage({
    layers: [{ files: [{ path: 'a', content: 'b' }] }],
    config: { User: '1000', ExposedPorts: { '22/tcp': {} } },
  });
const words = [
  '"mediaType":',
  '"digest":"sha256:',
  '"size":',
  '"layers":[',
  '"manifests":[',
  '"urls":[',
  '"data":"',
  '{',
  '[',
  '}',
  ']',
  'null',
  '\\ud800',
];

/** Reads a document; errors of this code are its answer. */
function reading(code: string, read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (isPratiqueError(error) && error.code === code) return plain(error.message);
    throw error;
  }
}

export const documentTargets: readonly Target[] = [
  {
    name: 'manifest',
    words,
    seeds: () =>
      [image().manifest.bytes, buildIndex([image()]).manifest.bytes].map((bytes) => ({ path: '', bytes })),
    run: ({ bytes }) =>
      reading('manifest-invalid', () => {
        const manifest = parseManifest(bytes, null);
        const parts = manifest.kind === 'image' ? manifest.layers : manifest.manifests;
        return `${manifest.kind} ${magnitude(parts.length)} ${plain(manifest.hazards[0] ?? '')}`;
      }),
  },
  {
    name: 'image-config',
    words: ['"config":{', '"Env":[', '"User":"', '"history":[', '"diff_ids":[', ...words],
    seeds: () => [{ path: '', bytes: image().config.bytes }],
    run: ({ bytes }) =>
      reading('image-config-invalid', () => {
        const config = parseImageConfig(bytes);
        if (config === null) return 'none';
        const { diffIds, user, exposedPorts } = config;
        return `${magnitude(diffIds.length)} ${user === null} ${magnitude(exposedPorts.length)}`;
      }),
  },
];
