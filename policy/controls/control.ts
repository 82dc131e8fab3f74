/** Something that a published guide asks for, which rules may stand for. */
export interface Control {
  /** `nist-800-190/3.1.1`: the guide, and the section in its own numbers. */
  readonly id: string;
  /** What it asks for or warns of. */
  readonly title: string;
  /** The guide's name. */
  readonly source: string;
}

/** Rows of one guide. */
export function guide(
  prefix: string,
  source: string,
  rows: readonly (readonly [section: string, title: string])[],
): readonly Control[] {
  return rows.map(([section, title]) => ({ id: `${prefix}/${section}`, title, source }));
}
