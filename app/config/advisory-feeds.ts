import { nativeNames, onlyNamed } from '../../advisories/feeds/names.ts';
import { isOci } from '../carry/oci-place.ts';

interface Asked {
  readonly from?: string | undefined;
  readonly native?: boolean | undefined;
  readonly with: readonly string[];
  readonly without: readonly string[];
}

/** What is wrong with the names of feeds in the configuration, each a sentence: a typing error would leave nothing out. */
export function feedProblems(asked: Asked, fileName: string): readonly string[] {
  const all = [...nativeNames, 'kev'];
  const problem = (key: string, name: string, allowed: string): string =>
    `${fileName} advisories.${key}: found "${name}", allowed ${allowed}`;
  const problems = [
    ...asked.with.flatMap((name) =>
      onlyNamed.includes(name) ? [] : [problem('with', name, onlyNamed.join(', '))],
    ),
    ...asked.without.flatMap((name) =>
      all.includes(name) || /^osv:./.test(name) ? [] : [problem('without', name, `${all.join(', ')}, osv:…`)],
    ),
  ];
  const chosen = asked.native !== undefined || asked.with.length + asked.without.length > 0;
  if (chosen && asked.from !== undefined && isOci(asked.from)) {
    problems.push(
      `${fileName} advisories: found native, with or without beside from: ${asked.from}, allowed where feeds are fetched: what a registry has is taken as it is`,
    );
  }
  return problems;
}
