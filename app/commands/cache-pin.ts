import { PratiqueError } from '../../core/errors.ts';
import type { CachePin } from '../../core/ports/cache.ts';
import { parseImageReference, pointerOf } from '../../core/reference.ts';
import { formatPointer, hostedUpstream } from '../../core/repository.ts';
import { openStateBeside, openStateReadOnly } from '../../db/state.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { pinsText } from '../report/cache-report.ts';
import { addressingOf } from './names.ts';
import { withState } from './state-beside.ts';

type Named = Pick<CachePin, 'address' | 'pointer'>;

/** `pratique cache pin`. @throws PratiqueError `reference-invalid`, `registry-unknown`, `data-unusable`, `data-locked` */
export function pinImages(
  options: {
    readonly images: readonly string[];
    readonly by: string;
    readonly note: string;
    readonly sources: ConfigSources;
  },
  console: Console,
): Promise<number> {
  const { images, by, note, sources } = options;
  const config = loadConfig(sources);
  const named = images.map((image) => namedImage(image, config));
  const at = new Date().toISOString();
  withState(dataPaths(config.data).state, openStateBeside, (state) => {
    for (const one of named) state.putPin({ ...one, by, note, at });
  });
  for (const { address, pointer } of named) {
    console.out(`${formatPointer(address, pointer)} is pinned: what is fetched of it stays in the store`);
  }
  return Promise.resolve(exitCodes.ok);
}

/** `pratique cache unpin`. @throws as `pinImages`; `usage-invalid` for one that is not pinned */
export function unpinImages(
  { images, sources }: { readonly images: readonly string[]; readonly sources: ConfigSources },
  console: Console,
): Promise<number> {
  const config = loadConfig(sources);
  const named = images.map((image) => namedImage(image, config));
  withState(dataPaths(config.data).state, openStateBeside, (state) => {
    for (const { address, pointer } of named) {
      const name = formatPointer(address, pointer);
      if (!state.deletePin(address, pointer)) {
        throw new PratiqueError(
          'usage-invalid',
          `${name} is not pinned: "pratique cache pins" lists what is`,
        );
      }
      console.out(`${name} is not pinned any more`);
    }
  });
  return Promise.resolve(exitCodes.ok);
}

/** `pratique cache pins`. @throws PratiqueError `data-unusable` */
export function listPins(
  { format, sources }: { readonly format: 'table' | 'json'; readonly sources: ConfigSources },
  console: Console,
): Promise<number> {
  const pins = withState(dataPaths(loadConfig(sources).data).state, openStateReadOnly, (state) =>
    state.pins(),
  );
  console.out(format === 'json' ? JSON.stringify({ schemaVersion: 1, pins }, null, 2) : pinsText(pins));
  return Promise.resolve(exitCodes.ok);
}

function namedImage(image: string, config: Config): Named {
  const parsed = parseImageReference(image);
  const prefix = `${hostedUpstream}/`;
  // As this program prints it, although Docker would read it as Docker Hub's.
  const address = image.startsWith(prefix)
    ? { upstream: hostedUpstream, namespace: hostedUpstream, path: parsed.path.slice(prefix.length) }
    : addressingOf(config).locate(parsed.registry, parsed.path);
  if (address === null) {
    throw new PratiqueError(
      'registry-unknown',
      `${image} cannot be pinned: the registry ${parsed.registry} is no upstream of this configuration; another one is named with --config FILE`,
      { registry: parsed.registry },
    );
  }
  return { address, pointer: pointerOf(parsed) };
}
