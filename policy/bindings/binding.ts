import type { AskContext, AskedImage, GateName, Mode } from '../../core/context.ts';
import type { Severity } from '../../core/severity.ts';
import type { FinalStatus } from '../../core/verdict.ts';
import type { Policy } from '../policy.ts';

/**
 * Where a binding holds. All that is not null must fit; a list fits where one of its entries does. Patterns are those
 * of `matchesImage` for images, and texts with `*` for namespaces, service accounts, users and groups.
 */
export interface Selector {
  readonly gates: readonly GateName[] | null;
  readonly upstreams: readonly string[] | null;
  readonly images: readonly string[] | null;
  readonly clusters: readonly string[] | null;
  readonly namespaces: readonly string[] | null;
  /** All of them; `*` for any value. */
  readonly namespaceLabels: Readonly<Record<string, string>> | null;
  /** As above. A binding that names them only adds to what holds without it: whoever writes the object chooses them. */
  readonly workloadLabels: Readonly<Record<string, string>> | null;
  readonly serviceAccounts: readonly string[] | null;
  readonly users: readonly string[] | null;
  readonly groups: readonly string[] | null;
}

/** Looks at who asks and at a verdict's summary, and can only make things stricter. */
export interface ContextRule {
  readonly id: string;
  readonly title: string;
  readonly why: string | null;
  readonly remedy: string | null;
  readonly action: 'deny' | 'warn';
  /** At least one; all that is not null must hold. */
  readonly when: {
    readonly status: readonly FinalStatus[] | null;
    /** Ids of image rules that had a say. */
    readonly rules: readonly string[] | null;
    /** At least so many findings of a severity. */
    readonly counts: Readonly<Partial<Record<Severity, number>>> | null;
    readonly fixableAtLeast: number | null;
    /** Who asks, further than the binding's own selector says. */
    readonly where: Selector | null;
  };
}

/** Which policy where, in which mode. */
export interface Binding {
  readonly id: string;
  readonly selector: Selector;
  /** Name of a policy of the set. */
  readonly policy: string;
  readonly mode: Mode;
  readonly context: readonly ContextRule[];
  /** At gates that cannot wait: what becomes of an image that is still being inspected. */
  readonly unknownImage: 'deny' | 'allow';
  /** What becomes of an image of a registry that no upstream stands for. */
  readonly unknownRegistry: 'deny' | 'allow';
  /**
   * At gates that act on a replica: how long what is known there is acted on without having heard of the proxy; beyond it,
   * it counts as not known yet. null: until the verdicts end by themselves.
   */
  readonly maxAge: { readonly text: string; readonly milliseconds: number } | null;
}

/** Decides before anything is looked at: an image is refused, or let through without being inspected. */
export interface BeforeScanRule {
  readonly id: string;
  readonly selector: Selector;
  readonly action: 'refuse' | 'pass';
  readonly reason: string;
}

/** Everything that decides: policies, where they hold, what is refused or passed without a look. */
export interface PolicySet {
  readonly name: string;
  /** Names it by its content, policies and exceptions included. */
  readonly revision: string;
  /** By name. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** The first that fits holds; the last one fits everything. */
  readonly bindings: readonly Binding[];
  readonly beforeScan: readonly BeforeScanRule[];
}

/** A binding that holds for who asks, with its policy. */
export interface Bound {
  readonly binding: Binding;
  readonly policy: Policy;
}

/** Why a binding was passed over, for `policy explain`. */
export interface Considered {
  readonly binding: string;
  readonly fits: 'yes' | 'no' | 'unknown';
  /** One sentence. */
  readonly because: string;
}

export type Selection =
  /** Those that hold: the first without workload labels, and before it every one with workload labels that fits. All of them have to allow. */
  | { readonly kind: 'bound'; readonly bounds: readonly Bound[]; readonly considered: readonly Considered[] }
  /** It cannot be told which one holds. */
  | { readonly kind: 'undecided'; readonly reason: string; readonly considered: readonly Considered[] }
  | { readonly kind: 'refused' | 'passed'; readonly rule: BeforeScanRule };

export interface Asked {
  readonly context: AskContext;
  readonly image: AskedImage;
}
