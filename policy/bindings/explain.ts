import type { Asked, Considered, Selection } from './binding.ts';
import type { Ruling } from './rulebook.ts';

/** What one binding that holds makes of an image. */
export interface BindingExplained extends Ruling {
  readonly binding: string;
  readonly policy: string;
  readonly mode: string;
  /** What can be done, each once. */
  readonly remedies: readonly string[];
}

/** Which binding and rule decided and why: the JSON of `pratique policy explain`. */
export interface Explanation extends Asked {
  readonly outcome: 'allowed' | 'denied' | 'refused unseen' | 'passed unseen' | 'not decided';
  /** One sentence: what decided. */
  readonly because: string;
  /** The before-scan rules and bindings that were looked at, in their order. */
  readonly considered: readonly Considered[];
  /** Of the bindings that hold, what decided first. */
  readonly bindings: readonly BindingExplained[];
}

/** @param ruled one for each binding that holds, in their order */
export function explainAsked(
  asked: Asked,
  selection: Selection,
  ruled: readonly { readonly ruling: Ruling; readonly remedies: readonly string[] }[],
): Explanation {
  switch (selection.kind) {
    case 'refused':
    case 'passed': {
      const { id, reason } = selection.rule;
      const outcome = selection.kind === 'refused' ? 'refused unseen' : 'passed unseen';
      const because = `the before-scan rule ${id} fits: ${reason}`;
      return { ...asked, outcome, because, considered: [], bindings: [] };
    }
    case 'undecided': {
      const { reason, considered } = selection;
      return { ...asked, outcome: 'not decided', because: reason, considered, bindings: [] };
    }
    case 'bound': {
      const bindings = selection.bounds.flatMap(({ binding, policy }, index): readonly BindingExplained[] => {
        const one = ruled[index];
        if (one === undefined) return [];
        const remedies = [...new Set(one.remedies)];
        return [{ ...one.ruling, binding: binding.id, policy: policy.name, mode: binding.mode, remedies }];
      });
      // A binding that nobody has asked may deny.
      const isWhole = bindings.length === selection.bounds.length && bindings.length > 0;
      const sorted = [...bindings].sort((a, b) => Number(a.allowed) - Number(b.allowed));
      const decisive = sorted[0];
      const outcome = !isWhole ? 'not decided' : decisive?.allowed === true ? 'allowed' : 'denied';
      const { considered } = selection;
      return { ...asked, outcome, because: decidedBy(decisive), considered, bindings: sorted };
    }
  }
}

function decidedBy(decisive: BindingExplained | undefined): string {
  if (decisive === undefined) return 'no binding was asked';
  const { binding, policy, mode, status, reasons } = decisive;
  const first = reasons[0] === undefined ? '' : `: ${reasons[0]}`;
  return `the binding ${binding} (policy ${policy}, mode ${mode}) says ${status}${first}`;
}

const signs: Record<Considered['fits'], string> = { yes: 'holds', no: 'passed over', unknown: 'open' };

/** The same as lines for a terminal. */
export function explanationLines({ outcome, because, considered, bindings }: Explanation): readonly string[] {
  return [
    `${outcome}: ${because}`,
    ...section(
      'looked at:',
      considered.map(({ binding, fits, because: why }) => `${signs[fits]}  ${binding}: ${why}`),
    ),
    ...bindings.flatMap(({ binding, policy, mode, status, reasons, remedies }) => [
      ...section(`${binding} (policy ${policy}, mode ${mode}): ${status}`, reasons),
      ...remedies.map((remedy) => `  what to do: ${remedy}`),
    ]),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [title] : [title, ...lines.map((line) => `  ${line}`)];
}
