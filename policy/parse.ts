import { LineCounter, parseDocument } from 'yaml';
import { PratiqueError } from '../core/errors.ts';
import { crossChecks } from './cross-checks.ts';
import type { Condition, Exception, Policy, Rule } from './policy.ts';
import { ProblemWriter, problemsOf } from './problems.ts';
import { policyRevision } from './revision.ts';
import { type PolicyFile, policySchema } from './schema.ts';
import { oneLine } from './text.ts';
import { parseDuration, parseExpiry } from './time.ts';

/** UTF-16 units; a policy is written by people. */
const longestFile = 1024 * 1024;
/** How many nodes aliases may stand for, so that a few lines cannot unfold into gigabytes. */
const mostAliases = 1000;

/**
 * Reads a policy file (YAML 1.2).
 * @param fileName how messages name the file
 * @throws PratiqueError `policy-invalid`, whose message has one line for every problem that was found:
 *   `file:line:column path: found X, allowed Y`
 */
export function parsePolicy(text: string, fileName: string): Policy {
  const refuse = (problems: readonly string[]): never => {
    throw new PratiqueError('policy-invalid', problems.join('\n'), {
      file: fileName,
      problems: problems.length,
    });
  };
  if (text.length > longestFile)
    return refuse([`${fileName}: found ${text.length} characters, allowed 1 MiB`]);
  const { writer, syntax, value } = readYaml(text, fileName, refuse);
  if (syntax.length > 0) return refuse(syntax);
  const result = policySchema.safeParse(value);
  const problems = [...problemsOf(result.error?.issues ?? []), ...crossChecks(value)];
  if (problems.length > 0) return refuse(writer.write(problems));
  if (!result.success) return refuse([`${fileName}: cannot be read as a policy`]);
  return build(result.data);
}

function readYaml(text: string, fileName: string, refuse: (problems: readonly string[]) => never) {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const writer = new ProblemWriter(fileName, document, lines);
    // A warning is a tag that nobody knows: its value would be taken for a plain text.
    const syntax = [...document.errors, ...document.warnings]
      .slice(0, 20)
      .map((error) => writer.at(error.pos[0], `is not YAML as it has to be: ${oneLine(error.message, 300)}`));
    const value: unknown = syntax.length > 0 ? null : document.toJS({ maxAliasCount: mostAliases });
    return { writer, syntax, value };
  } catch (error) {
    // yaml throws only for aliases that unfold without end, and for nesting deeper than the stack.
    if (error instanceof ReferenceError)
      return refuse([`${fileName}: found aliases that unfold too far, or to nothing`]);
    if (error instanceof RangeError) return refuse([`${fileName}: found nesting that is too deep`]);
    throw error;
  }
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
