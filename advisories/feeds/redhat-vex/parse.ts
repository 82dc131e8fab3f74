import { z } from 'zod';
import type { AffectedPackage, UnfixedState } from '../../../core/ports/advisories.ts';
import type { Severity } from '../../../core/severity.ts';
import { severityOfScore } from '../../../core/severity.ts';
import type { FeedRecord } from '../feed.ts';
import { severityOfWord } from '../osv/severity.ts';
import { isoTime, worstCvss } from '../record-parts.ts';
import { affectedFrom, HighestFixes, isForDebuggers } from '../rpm-packages.ts';
import { summaryLine } from '../summary.ts';
import { type CsafDocument, type CsafVulnerability, csafDocument } from './document.ts';
import { type Component, Products } from './products.ts';

/**
 * One document of Red Hat's CSAF VEX feed: all that is said of one CVE in RHEL. There is one record for the packages
 * outside of modules and one for each stream of a module, which have fixes of their own under the same names.
 */
export function parseVex(value: unknown, name: string): readonly FeedRecord[] {
  const rejected = (why: string): FeedRecord => ({ kind: 'rejected', name, why });
  try {
    const document = csafDocument.parse(value);
    const { tracking } = document.document;
    if (tracking.status === 'deleted') return [{ kind: 'withdrawn', id: idOf(tracking.id, null) }];
    const products = new Products(document);
    return document.vulnerabilities.flatMap((one) => recordsOf(one, document, products, rejected));
  } catch (error) {
    if (error instanceof z.ZodError) {
      const [issue] = error.issues;
      return [rejected(`at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'it is no CSAF document'}`)];
    }
    if (error instanceof RangeError) return [rejected(error.message)];
    throw error;
  }
}

/**
 * `REDHAT-CVE-2024-1`, as others have `DEBIAN-CVE-2024-1`: a finding is then named by the distribution's record, its
 * CVE is found through `upstream`, and it is not mistaken for the CVE's own record elsewhere. Not after an RHSA, as
 * what is not fixed has none. The stream of a module is part of it, so that ids stay unique; match/modules.ts knows by it
 * that the record is about that stream alone.
 */
function idOf(cve: string, module: string | null): string {
  return module === null ? `REDHAT-${cve}` : `REDHAT-${cve}:${module}`;
}

/** What is said of the packages of one module, or of those outside of any. */
interface Draft {
  readonly fixes: HighestFixes;
  readonly fixed: Set<string>;
  readonly unfixed: Map<
    string,
    { readonly component: Component; readonly id: string; readonly isAffected: boolean }
  >;
  /** Product ids, for what is said of them elsewhere in the document. */
  readonly ids: Set<string>;
}

const keyOf = ({ major, name }: Component): string => `${major}\n${name}`;

function recordsOf(
  vulnerability: CsafVulnerability,
  document: CsafDocument,
  products: Products,
  rejected: (why: string) => FeedRecord,
): readonly FeedRecord[] {
  const { cve, product_status: status } = vulnerability;
  const drafts = new Map<string | null, Draft>();
  const problems = new Set<string>();
  const draftOf = (module: string | null): Draft => {
    const known = drafts.get(module);
    if (known !== undefined) return known;
    const fresh: Draft = { fixes: new HighestFixes(), fixed: new Set(), unfixed: new Map(), ids: new Set() };
    drafts.set(module, fresh);
    return fresh;
  };
  const componentsOf = function* (ids: readonly string[]): Generator<readonly [string, Component]> {
    for (const id of ids) {
      const component = products.componentOf(id);
      if (typeof component === 'string') problems.add(component);
      else if (component !== null && !isForDebuggers(component.name)) yield [id, component];
    }
  };
  for (const [id, component] of componentsOf(status.fixed)) {
    // The binary packages are named beside it.
    if (component.isSource) continue;
    if (component.version === null) {
      problems.add(`"${id.slice(0, 200)}" is fixed in a version that rpm does not know`);
      continue;
    }
    const draft = draftOf(component.module);
    draft.fixes.add(component.ecosystem, component.name, component.version);
    draft.fixed.add(keyOf(component));
    draft.ids.add(id);
  }
  const spared = new Set<string>();
  for (const [, one] of componentsOf(status.known_not_affected)) {
    if (!one.isSource) spared.add(`${one.module ?? ''}\n${keyOf(one)}`);
  }
  for (const [isAffected, ids] of [
    [true, status.known_affected],
    [false, status.under_investigation],
  ] as const) {
    for (const [id, component] of componentsOf(ids)) {
      const draft = draftOf(component.module);
      const key = keyOf(component);
      // A source package stands for the binary one of its name, unless that has a status of its own.
      const isSpared = component.isSource && spared.has(`${component.module ?? ''}\n${key}`);
      // A fix that was published ends it: documents say so of one repository, and nothing more of the release.
      if (isSpared || draft.fixed.has(key)) continue;
      const place = `${component.ecosystem}\n${component.name}`;
      if (draft.unfixed.has(place)) continue;
      draft.unfixed.set(place, { component, id, isAffected });
      draft.ids.add(id);
    }
  }
  const records: FeedRecord[] = [...problems].map((why) => rejected(why));
  const remediations = remediationsOf(vulnerability);
  for (const [module, draft] of drafts) {
    const affected = [...draft.fixes.affected(), ...unfixedOf(draft, remediations)];
    if (affected.length === 0) continue;
    const title = sayable(vulnerability.title ?? document.document.title ?? '');
    const { severity, vectors } = gradesOf(vulnerability, document, draft.ids);
    const cvss = worstCvss(vectors);
    records.push({
      kind: 'advisory',
      advisory: {
        id: idOf(cve, module),
        kind: 'vulnerability',
        aliases: [],
        upstream: [cve],
        summary: summaryLine(module === null ? title : `${module} ${title}`),
        url: `https://access.redhat.com/security/cve/${cve}`,
        severity: severity ?? (cvss === null ? null : severityOfScore(cvss.score)),
        cvss,
        published: isoTime(vulnerability.release_date ?? ''),
        modified: isoTime(document.document.tracking.current_release_date ?? ''),
        affected,
      },
    });
  }
  return records;
}

/** Nothing in a title may look like the stream of a module, which is told by `NAME:STREAM` (match/modules.ts). */
function sayable(title: string): string {
  return title.replaceAll(/:(?=\S)/g, ': ');
}

interface Remediation {
  readonly category: string;
  readonly details: string;
}

/** What is planned for a product: `no_fix_planned`, `none_available`. Workarounds are no plan. */
function remediationsOf(vulnerability: CsafVulnerability): ReadonlyMap<string, Remediation> {
  const plans = new Map<string, Remediation>();
  for (const { category, details, product_ids } of vulnerability.remediations) {
    if (category !== 'no_fix_planned' && category !== 'none_available') continue;
    for (const id of product_ids) plans.set(id, { category, details });
  }
  return plans;
}

function unfixedOf(draft: Draft, plans: ReadonlyMap<string, Remediation>): AffectedPackage[] {
  return [...draft.unfixed.values()].map(({ component, id, isAffected }) => {
    const plan = plans.get(id);
    const state: UnfixedState | null = !isAffected
      ? 'under_investigation'
      : plan?.category === 'no_fix_planned'
        ? 'will_not_fix'
        : null;
    // `Affected` is what the status says already.
    const note = plan === undefined || plan.details === 'Affected' ? '' : summaryLine(plan.details);
    return {
      ...affectedFrom(component.ecosystem, component.name, [{ introduced: '0' }]),
      ...(state === null ? {} : { state }),
      ...(note === '' ? {} : { note }),
    };
  });
}

/** The worst impact that is said of any of the products, and all vectors of them. */
function gradesOf(
  vulnerability: CsafVulnerability,
  document: CsafDocument,
  ids: ReadonlySet<string>,
): { readonly severity: Severity | null; readonly vectors: readonly string[] } {
  const isOurs = (list: readonly string[]): boolean => list.some((id) => ids.has(id));
  const words = vulnerability.threats
    .filter(({ category, product_ids }) => category === 'impact' && isOurs(product_ids))
    .map(({ details }) => details);
  const order = ['Critical', 'Important', 'Moderate', 'Low'];
  const worst = order.find((word) => words.includes(word)) ?? words[0];
  const vectors = vulnerability.scores.flatMap(({ cvss_v3, products }) =>
    cvss_v3 !== undefined && isOurs(products) ? [cvss_v3.vectorString] : [],
  );
  return { severity: severityOfWord(worst ?? document.document.aggregate_severity?.text), vectors };
}
