import { catalogers } from './catalogers/index.ts';

/** Version of the tar walk, the overlay and the event format themselves. */
const layerFormat = 3;

/** The key of every stored analysis: raise a version and everything is analysed again. */
export const ANALYZERS = ['layer', ...catalogers.map(({ name }) => name)]
  .map((name, index) => `${name}/${index === 0 ? layerFormat : (catalogers[index - 1]?.version ?? 0)}`)
  .join(' ');
