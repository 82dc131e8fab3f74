import { catalogers, probers } from './catalogers/index.ts';
import { checks } from './checks/index.ts';
import { imageFactsVersion } from './image-facts.ts';
import { licensesVersion } from './licenses/index.ts';

/** Version of the tar walk, the overlay and the event format themselves. */
const layerFormat = 7;

/** The key of every stored analysis: raise a version and everything is analysed again. */
export const ANALYZERS = [{ name: 'layer', version: layerFormat }, ...catalogers, ...probers]
  .map(({ name, version }) => `${name}/${version}`)
  .concat(
    `image-facts/${imageFactsVersion}`,
    `licenses/${licensesVersion}`,
    checks.map(({ id, version }) => `${id}/${version}`),
  )
  .join(' ');
