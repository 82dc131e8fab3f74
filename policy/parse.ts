import { everywhere } from '../core/exception.ts';
import { crossChecks } from './cross-checks.ts';
import type { Condition, Exception, Policy, Rule } from './policy.ts';
import { problemsOf } from './problems.ts';
import { policyRevision } from './revision.ts';
import { type PolicyFile, policySchema } from './schema.ts';
import { parseDuration, parseExpiry } from './time.ts';
import { readYaml } from './yaml.ts';

/**
 * Reads a policy file (YAML 1.2).
 * @param fileName how messages name the file
 * @throws PratiqueError `policy-invalid`, whose message has one line for every problem that was found:
 *   `file:line:column path: found X, allowed Y`
 */
export function parsePolicy(text: string, fileName: string): Policy {
  const { value, writer, refuse } = readYaml(text, fileName);
  const result = policySchema.safeParse(value);
  const problems = [...problemsOf(result.error?.issues ?? []), ...crossChecks(value)];
  if (problems.length > 0) return refuse(writer.write(problems));
  if (!result.success) return refuse([`${fileName}: cannot be read as a policy`]);
  return build(result.data);
}

function build(file: PolicyFile): Policy {
  const content = {
    version: file.version,
    name: file.name,
    rules: file.rules.map(buildRule),
    require: {
      coverage: file.require.coverage,
      completeInventory: file.require.completeInventory,
      recognisedOs: file.require.recognisedOs,
      packages: file.require.packages,
      advisories: {
        ...file.require.advisories,
        maxAgeMilliseconds: surely(parseDuration(file.require.advisories.maxAge)),
      },
    },
    artifacts: file.artifacts,
    exceptions: file.exceptions.map(buildException),
  };
  return { ...content, revision: policyRevision(content) };
}

function buildRule(rule: PolicyFile['rules'][number]): Rule {
  const when: Condition = {
    severity: rule.when.severity ?? null,
    fixAvailable: rule.when.fixAvailable ?? null,
    knownExploited: rule.when.knownExploited ?? false,
    kinds: rule.when.kind ?? ['vulnerability', 'malware'],
    packages: rule.when.package ?? null,
    ecosystems: rule.when.ecosystem ?? null,
  };
  return {
    id: rule.id,
    title: rule.title ?? rule.id,
    action: rule.action,
    when,
    remedy: rule.remedy ?? null,
  };
}

function buildException(exception: PolicyFile['exceptions'][number]): Exception {
  const { text: expires, endsAt } = surely(parseExpiry(exception.expires));
  return {
    id: null,
    scope: everywhere,
    ticket: null,
    advisory: exception.advisory,
    package: exception.package ?? null,
    image: exception.image ?? null,
    reason: exception.reason,
    author: exception.author,
    expires,
    endsAt,
  };
}

/** For what the schema has checked already. */
function surely<T>(value: T | null): T {
  if (value === null) throw new Error('the schema let a value through that it checks');
  return value;
}
