import { createHash } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';
import { isPratiqueError } from '../../core/errors.ts';
import { parsePolicy } from '../parse.ts';
import type { Policy } from '../policy.ts';
import type { Problem } from '../problems.ts';
import { problemsOf } from '../problems.ts';
import { canonicalJson } from '../revision.ts';
import { listOf } from '../text.ts';
import type { ReadBeside } from '../vex/build.ts';
import { readYaml, type YamlFile } from '../yaml.ts';
import type { Binding, PolicySet } from './binding.ts';
import { buildBeforeScan, buildBinding } from './build.ts';
import { contradictions, impliedId } from './contradictions.ts';
import { everything, isEverything } from './covers.ts';
import { readyByName } from './ready.ts';
import { unknownRules } from './rule-names.ts';
import { policySetSchema } from './set-schema.ts';

/**
 * Reads what `policy` of the configuration names: a policy set (`bindings`, `policies` or `beforeScan` at its top), or a
 * policy, which is a set of itself that holds everywhere. Ready policies are there by name in any set.
 * @param fileName how messages name the file
 * @param readPolicyFile text of a file that is named here or in a policy of `policies` (there by the path from that
 * policy's folder), by its path from this file's folder; may throw
 * @throws PratiqueError `policy-invalid`, one line for each problem: `file:line:column path: found X, allowed Y`
 */
export function parsePolicySet(text: string, fileName: string, readPolicyFile: ReadBeside): PolicySet {
  const file = readYaml(text, fileName);
  if (!isSet(file.value)) return setOf(parsePolicy(text, fileName, readPolicyFile));
  const result = policySetSchema.safeParse(file.value);
  if (!result.success) return file.refuse(file.writer.write(problemsOf(result.error.issues)));
  const files = readPolicies(result.data.policies, readPolicyFile, dirname(fileName));
  const bindings = result.data.bindings.map(buildBinding);
  const beforeScan = result.data.beforeScan.map(buildBeforeScan);
  const problems = [
    ...files.problems,
    ...unknownPolicies(bindings, files.policies, files.faults.length > 0),
    ...unknownRules(bindings, files.policies),
    ...contradictions(bindings, beforeScan),
  ];
  if (problems.length + files.faults.length > 0) return refuseAll(file, problems, files.faults);
  return named(result.data.name, files.policies, withImplied(bindings, 'baseline'), beforeScan);
}

function refuseAll(file: YamlFile, problems: readonly Problem[], faults: readonly string[]): never {
  const lines = problems.length === 0 ? [] : file.writer.write(problems);
  return file.refuse([...lines, ...faults.flatMap((fault) => fault.split('\n'))]);
}

/** A policy that holds for everything, enforced. */
export function setOf(policy: Policy): PolicySet {
  const policies = new Map(readyByName()).set(policy.name, policy);
  return named(policy.name, policies, withImplied([], policy.name), []);
}

function isSet(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return ['bindings', 'policies', 'beforeScan'].some((key) => Object.hasOwn(value, key));
}

/**
 * What the files hold; `faults` are messages about other files than the set's own.
 * @param folder that of the set's own file, as messages name it
 */
function readPolicies(paths: readonly string[], read: ReadBeside, folder: string) {
  const ready = readyByName();
  const policies = new Map(ready);
  const problems: Problem[] = [];
  const faults: string[] = [];
  const from = new Map<string, string>();
  for (const [index, path] of paths.entries()) {
    const at = ['policies', index];
    let policy: Policy;
    try {
      policy = parsePolicy(read(path), isAbsolute(path) ? path : join(folder, path), (beside, what) =>
        read(isAbsolute(beside) ? beside : join(dirname(path), beside), what),
      );
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      faults.push(error.message);
      continue;
    }
    const { name } = policy;
    const other = from.get(name);
    if (ready.has(name) || other !== undefined) {
      const whose = other === undefined ? 'a ready policy has too' : `${other} has too`;
      const found = `the policy "${name}", a name that ${whose}`;
      problems.push({ path: at, found, allowed: 'a policy with a name of its own', atKey: false });
    }
    from.set(name, path);
    policies.set(name, policy);
  }
  return { policies, problems, faults };
}

/** @param incomplete a file could not be read: which names it would have brought is not known */
function unknownPolicies(
  bindings: readonly Binding[],
  policies: ReadonlyMap<string, Policy>,
  incomplete: boolean,
): readonly Problem[] {
  if (incomplete) return [];
  return bindings.flatMap(({ policy }, index) =>
    policies.has(policy)
      ? []
      : [
          {
            path: ['bindings', index, 'policy'],
            found: null,
            allowed: listOf([...policies.keys()]),
            atKey: false,
          },
        ],
  );
}

/** With the binding for everything else, where none of the file is one. */
function withImplied(bindings: readonly Binding[], policy: string): readonly Binding[] {
  if (bindings.some(({ selector }) => isEverything(selector))) return bindings;
  const implied: Binding = {
    id: impliedId,
    selector: everything,
    policy,
    mode: 'enforce',
    context: [],
    unknownImage: 'deny',
    unknownRegistry: 'deny',
    maxAge: null,
  };
  return [...bindings, implied];
}

function named(
  name: string,
  policies: ReadonlyMap<string, Policy>,
  bindings: readonly Binding[],
  beforeScan: PolicySet['beforeScan'],
): PolicySet {
  const set = { name, policies, bindings, beforeScan };
  return { ...set, revision: setRevision(set) };
}

/** 16 hex digits of the content: policies that a binding names, bindings, before-scan rules. */
export function setRevision({ name, policies, bindings, beforeScan }: Omit<PolicySet, 'revision'>): string {
  const held = boundPolicies({ policies, bindings }).map((policy) => [policy.name, policy.revision]);
  return createHash('sha256')
    .update(canonicalJson({ name, held, bindings, beforeScan }))
    .digest('hex')
    .slice(0, 16);
}

/** Policies that a binding names, each once, in the order of the bindings. */
export function boundPolicies({
  policies,
  bindings,
}: Pick<PolicySet, 'policies' | 'bindings'>): readonly Policy[] {
  const names = [...new Set(bindings.map(({ policy }) => policy))];
  return names.flatMap((name) => policies.get(name) ?? []);
}
