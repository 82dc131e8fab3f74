import { parseDuration, surely } from '../time.ts';
import type { BeforeScanRule, Binding, ContextRule, Selector } from './binding.ts';
import type { PolicySetFile, SelectorFile } from './set-schema.ts';

/** From the shape that a person writes to the one that decides. */
export function buildBinding(file: PolicySetFile['bindings'][number]): Binding {
  return {
    id: file.id,
    selector: buildSelector(file),
    policy: file.policy,
    mode: file.mode,
    context: file.context.map(buildContextRule),
    unknownImage: file.unknownImage,
    unknownRegistry: file.unknownRegistry,
    maxAge:
      file.maxAge === undefined
        ? null
        : { text: file.maxAge, milliseconds: surely(parseDuration(file.maxAge)) },
  };
}

export function buildBeforeScan(file: PolicySetFile['beforeScan'][number]): BeforeScanRule {
  return { id: file.id, selector: buildSelector(file), action: file.action, reason: file.reason };
}

function buildContextRule(file: PolicySetFile['bindings'][number]['context'][number]): ContextRule {
  const { when } = file;
  return {
    id: file.id,
    title: file.title ?? file.id,
    why: file.why ?? null,
    remedy: file.remedy ?? null,
    action: file.action,
    when: {
      status: when.status ?? null,
      rules: when.rules ?? null,
      counts: when.counts ?? null,
      fixableAtLeast: when.fixableAtLeast ?? null,
      where: when.where === undefined ? null : buildSelector(when.where),
    },
  };
}

function buildSelector(file: SelectorFile): Selector {
  return {
    gates: file.gates ?? null,
    upstreams: file.upstreams ?? null,
    images: file.images ?? null,
    clusters: file.clusters ?? null,
    namespaces: file.namespaces ?? null,
    namespaceLabels: file.namespaceLabels ?? null,
    workloadLabels: file.workloadLabels ?? null,
    serviceAccounts: file.serviceAccounts ?? null,
    users: file.users ?? null,
    groups: file.groups ?? null,
  };
}
