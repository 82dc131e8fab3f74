import { worstStatus } from '../../core/verdict.ts';
import { openAdvisoryIndex } from '../../db/advisories-file.ts';
import { makeRulebook } from '../../policy/bindings/rule.ts';
import { type ConfigSources, loadConfig } from '../config/load.ts';
import type { Console } from '../console.ts';
import { dataPaths } from '../paths.ts';
import { answerTo } from '../recorded/answer.ts';
import { vexSeen } from '../recorded/vex-seen.ts';
import { type PlatformVerdict, verdictJson, verdictTable } from '../report/verdict-report.ts';
import { type AskerFlags, askerOf } from './asker.ts';
import { exitCodeOf } from './outcome.ts';
import { chosenSet } from './policy-source.ts';
import { openRecorded } from './recorded-image.ts';
import { recordedSubjects } from './recorded-subjects.ts';

export interface VerdictOptions {
  /** A reference, or a bare digest. */
  readonly image: string;
  readonly format: 'table' | 'json';
  /** A policy or policy set that outranks the configuration's. */
  readonly policy: string | null;
  readonly asker: AskerFlags;
  readonly sources: ConfigSources;
}

/**
 * `pratique verdict`: what is said now of an image that the gate has seen, from its records alone. Reads
 * beside a running server and changes nothing.
 * @returns the exit code: 0 where it is let through, else 1 fail, 3 pending or error; the worst platform decides
 * @throws PratiqueError
 */
export function showVerdict(options: VerdictOptions, console: Console): Promise<number> {
  const context = askerOf(options.asker);
  const config = loadConfig(options.sources);
  const set = chosenSet(options.policy, config);
  const paths = dataPaths(config.data);
  const records = openRecorded(paths.state, options.image);
  try {
    const index = openAdvisoryIndex(paths.advisories);
    try {
      const at = Date.now();
      const book = makeRulebook(set, records.listExceptions(new Date(at).toISOString()));
      const found = recordedSubjects(options.image, config, { records, index, at });
      const platforms = found.subjects.map((subject): PlatformVerdict => {
        const { clearance } = answerTo(book, { context, image: found.image }, subject, at);
        const verdict = clearance.platforms[0]?.verdict ?? null;
        const { digest, platform, images, attached } = subject;
        const policy = verdict === null ? undefined : book.set.policies.get(verdict.policy);
        const vex = vexSeen(policy, attached, { digest, repositories: images ?? [] });
        return { digest, platform, clearance, verdict, vex };
      });
      const status = worstStatus(platforms.map(({ clearance }) => clearance.status)) ?? 'pending';
      const allowed = platforms.length > 0 && platforms.every(({ clearance }) => clearance.allowed);
      const { reference, digest } = found;
      const report = { reference, digest, gate: context.gate, status, allowed, platforms };
      console.out(
        options.format === 'json' ? JSON.stringify(verdictJson(report), null, 2) : verdictTable(report),
      );
      return Promise.resolve(exitCodeOf(status, allowed));
    } finally {
      index.close();
    }
  } finally {
    records.close();
  }
}
