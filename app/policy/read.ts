import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { errorText, isPratiqueError, PratiqueError } from '../../core/errors.ts';
import type { PolicySet } from '../../policy/bindings/binding.ts';
import { parsePolicySet, setOf } from '../../policy/bindings/parse.ts';
import { readyByName } from '../../policy/bindings/ready.ts';
import type { PolicySources } from '../../policy/bindings/sources.ts';
import { suggestion } from '../../policy/suggest.ts';

export interface ReadPolicy {
  readonly sources: PolicySources;
  readonly set: PolicySet;
}

/** Bytes; what is longer than 1 MiB of text is refused by the parser with its length. */
const longestFile = 4 * 1024 * 1024;
const mostTries = 3;

/**
 * The policy set that `source` names: a policy file, a set of policies, or a ready policy; null: the baseline.
 * @throws PratiqueError `policy-invalid`
 */
export function readPolicySet(source: string | null): PolicySet {
  return readPolicySources(source).set;
}

/**
 * The same with the texts it was made of.
 * @throws PratiqueError `policy-invalid`
 */
export function readPolicySources(source: string | null): ReadPolicy {
  const { outcome } = tryRead(source);
  if (isPratiqueError(outcome)) throw outcome;
  return outcome;
}

export interface ReadAttempt {
  /** Or why there is none, `policy-invalid`. */
  readonly outcome: ReadPolicy | PratiqueError;
  /** What each file was like that was looked at, by its path. */
  readonly prints: ReadonlyMap<string, string>;
}

/** Files that change while they are read are read again, so that nobody sees the half of one. */
export function tryRead(source: string | null): ReadAttempt {
  const ready = readyByName().get(source ?? 'baseline');
  if (ready !== undefined) {
    return { outcome: { sources: { source, texts: {} }, set: setOf(ready) }, prints: new Map() };
  }
  const file = source ?? '';
  for (let attempt = 1; ; attempt += 1) {
    const prints = new Map<string, string>();
    const outcome = attemptRead(file, prints);
    if (!areChanged(prints)) return { outcome, prints };
    if (attempt === mostTries) {
      const message = `the policy ${file} changes while it is read; write it elsewhere and rename it into its place`;
      return { outcome: invalid(file, message), prints };
    }
  }
}

/** Whether a file is not as it was. */
export function areChanged(prints: ReadonlyMap<string, string>): boolean {
  return [...prints].some(([path, print]) => fingerprint(path) !== print);
}

/** @param prints takes in what each file was like before it was read */
function attemptRead(file: string, prints: Map<string, string>): ReadPolicy | PratiqueError {
  const texts: Record<string, string> = {};
  const read = (name: string, path: string, what = 'policy'): string => {
    prints.set(path, fingerprint(path));
    const text = readText(path, what);
    texts[name] = text;
    return text;
  };
  try {
    const set = parsePolicySet(read('', file), file, (path, what) =>
      read(path, pathBeside(file, path), what),
    );
    return { sources: { source: file, texts }, set };
  } catch (error) {
    if (isPratiqueError(error)) return error;
    throw error;
  }
}

/** What a file is like now; another text where it was changed or replaced. Follows links, as a ConfigMap's volume has. */
function fingerprint(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch (error) {
    return errorText(error);
  }
}

function pathBeside(file: string, path: string): string {
  return resolve(dirname(file), path);
}

function readText(file: string, what: string): string {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) throw invalid(file, `the ${what} ${file} is not a file`);
    if (stat.size > longestFile)
      throw invalid(
        file,
        `the ${what} ${file} has ${stat.size} bytes, and may have ${what === 'policy' ? 1 : 4} MiB`,
      );
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (isPratiqueError(error)) throw error;
    const why = isMissing(error) ? missingText(file, what) : errorText(error);
    throw invalid(file, `the ${what} ${file} cannot be read: ${why}`, error);
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && Reflect.get(error, 'code') === 'ENOENT';
}

/** A name without an ending may be meant for that of a ready policy. */
function missingText(file: string, what: string): string {
  const name = basename(file);
  const missing = 'there is no such file (ENOENT)';
  if (extname(name) !== '' || what !== 'policy') return missing;
  const ready = [...readyByName().keys()];
  const meant = suggestion(name, ready);
  const hint = meant === null ? '' : ` (did you mean "${meant}"?)`;
  return `${missing}, and no ready policy "${name}": there are ${ready.join(', ')}${hint}`;
}

function invalid(file: string, message: string, cause?: unknown): PratiqueError {
  return new PratiqueError('policy-invalid', message, { file }, cause);
}
