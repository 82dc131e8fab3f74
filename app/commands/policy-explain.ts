import { parseDigest } from '../../core/digest.ts';
import { isPratiqueError } from '../../core/errors.ts';
import { formatReference, parseImageReference } from '../../core/reference.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import type { Config } from '../config/config.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import { type Console, exitCodes } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { explainSubject } from '../recorded/explanation.ts';
import { askedImage } from '../recorded/places.ts';
import { type Explanation, explainText } from '../report/explain-report.ts';
import { type AskerFlags, askerOf } from './asker.ts';
import { addressingOf, canonicalReference } from './names.ts';
import { chosenSet, grantedExceptions } from './policy-source.ts';
import { openRecorded } from './recorded-image.ts';
import { type RecordedSubjects, recordedSubjects } from './recorded-subjects.ts';

export interface PolicyExplainOptions {
  readonly image: string;
  readonly policy: string | null;
  readonly asker: AskerFlags;
  readonly format: 'table' | 'json';
  readonly sources: ConfigSources;
}

/**
 * `pratique policy explain IMAGE`: which binding and which rules decide for who asks, and why. Of an image that is not
 * recorded it tells what is decided without a verdict.
 * @returns the exit code: 0, whatever is said
 * @throws PratiqueError
 */
export function explainPolicy(options: PolicyExplainOptions, console: Console): Promise<number> {
  const context = askerOf(options.asker);
  const config = loadConfig(options.sources);
  const at = Date.now();
  const book = makeRulebook(chosenSet(options.policy, config), grantedExceptions(config, at));
  const explained = withSubjects(
    options.image,
    config,
    at,
    ({ reference, image, subjects, recorded }): Explanation => {
      const asked = { context, image };
      return {
        image: { reference, ...image },
        asker: context,
        policySet: { name: book.set.name, revision: book.set.revision },
        selection: book.select(context, image),
        platforms: subjects.map((subject) => explainSubject(book, asked, subject, at)),
        hints: [
          ...(recorded
            ? []
            : ['Nothing is recorded of it: its verdict is told once it was pulled through the proxy.']),
          ...(context.namespaceLabels === null ? [labelsHint] : []),
        ],
      };
    },
  );
  console.out(
    options.format === 'json'
      ? JSON.stringify({ schemaVersion: 1, ...explained }, null, 2)
      : explainText(explained),
  );
  return Promise.resolve(exitCodes.ok);
}

const labelsHint = 'The labels of the namespace were not given: --namespace-label NAME=VALUE for each.';

type Subjects = Omit<RecordedSubjects, 'digest'> & { readonly recorded: boolean };

/** Hands on what is recorded of the image; else its name alone. */
function withSubjects<Result>(
  name: string,
  config: Config,
  at: number,
  work: (found: Subjects) => Result,
): Result {
  const paths = dataPaths(config.data);
  try {
    const records = openRecorded(paths.state, name);
    try {
      const index = openAdvisoryIndex(paths.advisories);
      try {
        return work({ ...recordedSubjects(name, config, { records, index, at }), recorded: true });
      } finally {
        index.close();
      }
    } finally {
      records.close();
    }
  } catch (error) {
    const unknown =
      isPratiqueError(error) && (error.code === 'manifest-unknown' || error.code === 'registry-unknown');
    if (!unknown || parseDigest(name) !== null) throw error;
    return work({ ...namedAlone(name, config), recorded: false });
  }
}

function namedAlone(name: string, config: Config): Omit<RecordedSubjects, 'digest'> {
  const reference = canonicalReference(config, parseImageReference(name));
  const image = askedImage(`${reference.registry}/${reference.path}`, addressingOf(config));
  return { reference: formatReference(reference), image, subjects: [] };
}
