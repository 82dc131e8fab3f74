import type { FoundPod } from './images.ts';
import type { AdmissionRequest } from './review.ts';

/**
 * Characters and counts, far above what providers of identities give out: a longer list would be looked through by
 * every pattern of every binding.
 */
const longestUser = 1024;
const longestGroup = 256;
const mostGroups = 500;
/** Kubernetes, "Labels and Selectors": a prefix of 253 characters, a slash and a name of 63. */
const longestLabelKey = 317;
const longestLabelValue = 63;
const mostLabels = 1000;
/** Kubernetes, "Object Names and IDs". */
const longestAccount = 253;

/** What of who asks is more than bindings are asked with, each a sentence: cut short it would be somebody else. */
export function askerFaults(
  { user, groups }: Pick<AdmissionRequest, 'user' | 'groups'>,
  { labels, serviceAccount }: Pick<FoundPod, 'labels' | 'serviceAccount'>,
): readonly string[] {
  const faults: string[] = [];
  const held = (most: number, what: string, found: number, unit = 'characters'): void => {
    if (found > most) faults.push(`${what} has ${found} ${unit}, and at most ${most} are read`);
  };
  held(longestUser, 'the name of its user', user?.length ?? 0);
  held(mostGroups, 'its user', groups.length, 'groups');
  held(longestGroup, 'a group of its user', longestOf(groups));
  held(longestAccount, 'its service account', serviceAccount?.length ?? 0);
  const keys = Object.keys(labels);
  held(mostLabels, 'it', keys.length, 'labels');
  held(longestLabelKey, 'the key of a label', longestOf(keys));
  held(longestLabelValue, 'the value of a label', longestOf(Object.values(labels)));
  return faults;
}

function longestOf(texts: readonly string[]): number {
  return texts.reduce((longest, text) => Math.max(longest, text.length), 0);
}
