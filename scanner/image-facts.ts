import type { ImageConfig } from '../core/image.ts';
import type { ImageFacts, Incomplete } from '../core/inventory.ts';

/** Raise it with every change of what is kept of a config. */
export const imageFactsVersion = 1;

/** The longest real ones have some fifty; a hostile config may have a million. */
const mostLabels = 200;
const mostPorts = 200;
/** Characters of all labels, keys included. */
const labelCharacters = 64 * 1024;
const longestField = 1024;

/**
 * What is kept of an image's config, bounded. What goes beyond the bounds is told in `left`: rules over labels would
 * see only some of them. null: there is no config.
 */
export function imageFacts(config: ImageConfig | null): {
  readonly facts: ImageFacts | null;
  readonly left: readonly Incomplete[];
} {
  if (config === null) return { facts: null, left: [] };
  const left: Incomplete[] = [];
  const cut = (what: string, text: string | null): string | null => {
    if (text === null || text.length <= longestField) return text;
    left.push({ what: `image config: ${what}`, why: `it has more than ${longestField} characters` });
    return text.slice(0, longestField);
  };
  const labels = Object.create(null) as Record<string, string>;
  const entries = Object.entries(config.labels);
  let characters = 0;
  let kept = 0;
  for (const [key, value] of entries) {
    characters += key.length + value.length;
    if (kept === mostLabels || characters > labelCharacters) break;
    labels[key] = value;
    kept += 1;
  }
  if (kept < entries.length) {
    const why = `${entries.length - kept} of ${entries.length} labels are beyond what is kept (${mostLabels}, ${labelCharacters} characters)`;
    left.push({ what: 'image config: labels', why });
  }
  const ports = config.exposedPorts.filter((port) => port.length <= longestField).slice(0, mostPorts);
  if (ports.length < config.exposedPorts.length) {
    const why = `${config.exposedPorts.length - ports.length} of ${config.exposedPorts.length} ports are beyond what is kept (${mostPorts})`;
    left.push({ what: 'image config: exposed ports', why });
  }
  return {
    facts: {
      created: cut('created', config.created),
      user: cut('user', config.user),
      labels,
      exposedPorts: ports,
      healthcheck: config.healthcheck,
    },
    left,
  };
}
