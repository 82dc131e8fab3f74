import { isPratiqueError } from '../../core/errors.ts';
import type { Problem } from '../problem.ts';
import { oneLine } from '../text.ts';
import { parseInstant, surely } from '../time.ts';
import { readKey } from './key.ts';
import type { PolicyVex, VexKey } from './policy-vex.ts';
import { identified, isImage, productOf } from './product.ts';
import { readVex } from './read.ts';
import type { VexFile } from './schema.ts';
import type { VexDocument, VexStatement } from './statement.ts';

/**
 * Text of a file that is named in another one, by the path that stands there.
 * @param what it is for, in messages; left out: a policy
 * @throws PratiqueError `policy-invalid`
 */
export type ReadBeside = (path: string, what?: string) => string;

/** What a policy says of VEX, with the files that it names; problems are placed in the policy's own file. */
export function buildVex(
  file: VexFile,
  read: ReadBeside,
): { readonly vex: PolicyVex; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const documents = file.files.flatMap((path, index): readonly VexDocument[] => {
    const text = readOr(path, 'VEX document', read);
    const document = 'fault' in text ? text.fault : readVex(text.text, path);
    if (typeof document !== 'string') return [document];
    const found = `"${oneLine(path, 80)}": ${oneLine(document, 300)}`;
    problems.push({
      path: ['vex', 'files', index],
      found,
      allowed: 'the path of an OpenVEX or CSAF 2.0 VEX document',
      atKey: false,
    });
    return [];
  });
  const keys = file.keys.flatMap((key, index): readonly VexKey[] => {
    const built = buildKey(key, read);
    if ('name' in built) return [built];
    problems.push({ path: ['vex', 'keys', index, 'publicKey'], ...built, atKey: false });
    return [];
  });
  problems.push(...sameNames(file));
  if (file.referrers && file.keys.length === 0) {
    const found = 'true, and no keys';
    const allowed = 'keys beside it: what nobody has signed whom the policy names counts for nothing';
    problems.push({ path: ['vex', 'referrers'], found, allowed, atKey: false });
  }
  return {
    vex: { documents, statements: file.statements.map(buildStatement), keys, referrers: file.referrers },
    problems,
  };
}

function buildStatement(file: VexFile['statements'][number]): VexStatement {
  const names = [file.vulnerability, ...(file.aliases ?? [])].map((name) => name.trim().toUpperCase());
  return {
    vulnerability: [...new Set(names)],
    products: file.products.map((product) => {
      if (typeof product === 'string') return surely(productOf(surely(identified(product)), null));
      const parts = product.subcomponents.map((id) => {
        const thing = surely(identified(id));
        return surely(isImage(thing) ? null : thing);
      });
      return surely(productOf(surely(identified(product.id)), parts));
    }),
    status: file.status,
    justification: file.justification ?? null,
    impact: file.impact_statement ?? null,
    timestamp: surely(parseInstant(file.timestamp)),
    author: file.author,
    document: null,
    source: 'policy',
  };
}

function buildKey(
  { name, publicKey, repositories }: VexFile['keys'][number],
  read: ReadBeside,
): VexKey | Pick<Problem, 'found' | 'allowed'> {
  const isInline = publicKey.includes('-----BEGIN');
  const text = isInline ? { text: publicKey } : readOr(publicKey, 'public key', read);
  if ('fault' in text) {
    const allowed = 'a public key in PEM, or the path of a file with one';
    return { found: `"${oneLine(publicKey, 80)}": ${oneLine(text.fault, 300)}`, allowed };
  }
  const key = readKey(text.text);
  if ('found' in key) {
    return {
      found: isInline ? key.found : `"${oneLine(publicKey, 80)}", ${key.found}`,
      allowed: key.allowed,
    };
  }
  return { name, ...key, repositories: repositories ?? null };
}

function readOr(
  path: string,
  what: string,
  read: ReadBeside,
): { readonly text: string } | { readonly fault: string } {
  try {
    return { text: read(path, what) };
  } catch (error) {
    if (!isPratiqueError(error)) throw error;
    return { fault: error.message };
  }
}

function sameNames({ keys }: VexFile): readonly Problem[] {
  const first = new Map<string, number>();
  return keys.flatMap(({ name }, index): readonly Problem[] => {
    const other = first.get(name);
    first.set(name, other ?? index);
    if (other === undefined) return [];
    const found = `"${name}", which is the name of keys[${other}] too`;
    return [{ path: ['vex', 'keys', index, 'name'], found, allowed: 'a name of its own', atKey: false }];
  });
}
