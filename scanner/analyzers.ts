import { catalogers, probers } from './catalogers/index.ts';
import { checks } from './checks/index.ts';
import { imageFactsVersion } from './image-facts.ts';
import { licensesVersion } from './licenses/index.ts';
import { secretsVersion } from './secrets/rules.ts';
import { defaultScanSettings, type ScanSettings, searchedFileBytes } from './settings.ts';

/** Version of the tar walk, the overlay and the event format themselves. */
const layerFormat = 8;

/** The key of a layer's stored analysis: raise a version, or choose other settings, and everything is analysed again. */
export function layerAnalyzersOf(settings: ScanSettings): string {
  return [{ name: 'layer', version: layerFormat }, ...catalogers, ...probers]
    .map(({ name, version }) => `${name}/${version}`)
    .concat(`secrets/${secretsVersion}`, `secret-bytes/${searchedFileBytes(settings)}`)
    .join(' ');
}

/** As `layerAnalyzersOf`, of an image's inventory: of the checks those that are made. */
export function analyzersOf(settings: ScanSettings): string {
  const made = checks.filter(({ id }) => !settings.checksOff.includes(id));
  return [
    layerAnalyzersOf(settings),
    `image-facts/${imageFactsVersion}`,
    `licenses/${licensesVersion}`,
    ...made.map(({ id, version }) => `${id}/${version}`),
  ].join(' ');
}

/** With the settings of an installation that chooses none. */
export const ANALYZERS = analyzersOf(defaultScanSettings);
