import { PratiqueError } from '../../core/errors.ts';
import { formatPointer } from '../../core/repository.ts';
import { openStateBeside, openStateReadOnly } from '../../db/state.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { pinsText } from '../report/cache-report.ts';
import { namedImage } from './image-address.ts';
import { addressingOf } from './names.ts';
import { withState } from './state-beside.ts';

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
  const addressing = addressingOf(config);
  const named = images.map((image) => namedImage(image, addressing));
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
  const addressing = addressingOf(config);
  const named = images.map((image) => namedImage(image, addressing));
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
