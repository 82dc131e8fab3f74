import { PratiqueError } from '../../core/errors.ts';
import type { PolicySet } from './binding.ts';
import { parsePolicySet, setOf } from './parse.ts';
import { readyByName } from './ready.ts';

/** Everything that a policy set was read from. */
export interface PolicySources {
  /** The file that the configuration names, or the name of a ready policy; null: none, the baseline. */
  readonly source: string | null;
  /** Text of the file itself under `''`, and of each that it or its policies name under its path from there. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * The set that sources make, without a look at any file.
 * @throws PratiqueError `policy-invalid`
 */
export function parsePolicySources({ source, texts }: PolicySources): PolicySet {
  const text = Object.hasOwn(texts, '') ? texts[''] : undefined;
  if (text === undefined) {
    const ready = readyByName().get(source ?? 'baseline');
    if (ready === undefined) throw missing(source ?? '', 'policy');
    return setOf(ready);
  }
  return parsePolicySet(text, source ?? 'policy', (path, what = 'policy') => {
    const found = Object.hasOwn(texts, path) ? texts[path] : undefined;
    if (found === undefined) throw missing(path, what);
    return found;
  });
}

function missing(path: string, what: string): PratiqueError {
  return new PratiqueError('policy-invalid', `the ${what} ${path} is not among what was kept`, {
    file: path,
  });
}
