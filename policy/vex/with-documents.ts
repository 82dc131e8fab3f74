import type { PolicySet } from '../bindings/binding.ts';
import { setRevision } from '../bindings/parse.ts';
import type { Policy } from '../policy.ts';
import { policyRevision } from '../revision.ts';
import type { VexDocument } from './statement.ts';

/** The set as it would be if each of its policies named these documents too. */
export function withDocuments(set: PolicySet, documents: readonly VexDocument[]): PolicySet {
  if (documents.length === 0) return set;
  const policies = new Map([...set.policies].map(([name, policy]) => [name, believing(policy, documents)]));
  const changed = { ...set, policies };
  return { ...changed, revision: setRevision(changed) };
}

function believing({ revision: _, tests, ...content }: Policy, documents: readonly VexDocument[]): Policy {
  const own = content.vex ?? { documents: [], statements: [], keys: [], referrers: false };
  const next = { ...content, vex: { ...own, documents: [...own.documents, ...documents] } };
  return { ...next, tests, revision: policyRevision(next) };
}
