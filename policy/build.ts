import { everywhere } from '../core/exception.ts';
import { buildRule } from './build-rule.ts';
import { buildTest } from './build-test.ts';
import type { Exception, Policy } from './policy.ts';
import { policyRevision } from './revision.ts';
import type { PolicyFile } from './schema.ts';
import { parseDuration, parseExpiry, surely } from './time.ts';
import type { PolicyVex } from './vex/policy-vex.ts';

/** A policy of what the schema has checked. */
export function buildPolicy(file: PolicyFile, vex: PolicyVex | null): Policy {
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
    // One that says nothing of it is of the same revision as ever.
    ...(vex === null ? {} : { vex }),
  };
  return { ...content, tests: file.tests.map(buildTest), revision: policyRevision(content) };
}

function buildException(exception: PolicyFile['exceptions'][number]): Exception {
  const { text: expires, endsAt } = surely(parseExpiry(exception.expires));
  return {
    id: null,
    advisory: exception.advisory,
    package: exception.package ?? null,
    image: exception.image ?? null,
    scope: {
      policies: exception.scope?.policies ?? everywhere.policies,
      gates: exception.scope?.gates ?? everywhere.gates,
      clusters: exception.scope?.clusters ?? everywhere.clusters,
      namespaces: exception.scope?.namespaces ?? everywhere.namespaces,
    },
    reason: exception.reason,
    author: exception.author,
    ticket: exception.ticket ?? null,
    expires,
    endsAt,
  };
}
