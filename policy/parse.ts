import { buildPolicy } from './build.ts';
import { crossChecks } from './cross-checks.ts';
import type { Policy } from './policy.ts';
import { problemsOf } from './problems.ts';
import { policySchema } from './schema.ts';
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
  return buildPolicy(result.data);
}
