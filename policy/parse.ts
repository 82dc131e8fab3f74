import { PratiqueError } from '../core/errors.ts';
import { buildPolicy } from './build.ts';
import { crossChecks } from './cross-checks.ts';
import type { Policy } from './policy.ts';
import { problemsOf } from './problems.ts';
import { policySchema } from './schema.ts';
import { buildVex, type ReadBeside } from './vex/build.ts';
import { readYaml } from './yaml.ts';

/**
 * Reads a policy file (YAML 1.2).
 * @param fileName how messages name the file
 * @param read text of a file that the policy names (VEX documents, keys), by the path that stands there; may throw
 * @throws PratiqueError `policy-invalid`, whose message has one line for every problem that was found:
 *   `file:line:column path: found X, allowed Y`
 */
export function parsePolicy(text: string, fileName: string, read: ReadBeside = noFiles): Policy {
  const { value, writer, refuse } = readYaml(text, fileName);
  const result = policySchema.safeParse(value);
  const vex = result.data?.vex === undefined ? null : buildVex(result.data.vex, read);
  const problems = [
    ...problemsOf(result.error?.issues ?? []),
    ...crossChecks(value),
    ...(vex?.problems ?? []),
  ];
  if (problems.length > 0) return refuse(writer.write(problems));
  if (!result.success) return refuse([`${fileName}: cannot be read as a policy`]);
  return buildPolicy(result.data, vex?.vex ?? null);
}

function noFiles(path: string): never {
  throw new PratiqueError('policy-invalid', `${path} cannot be read from here`, { file: path });
}
