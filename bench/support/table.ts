import { medianOf, ratio, type Samples } from './rounds.ts';

/** A Markdown table of texts. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** One line per measured thing: the median of each contestant, and the first one's ratio to each other. */
export function comparison(
  measured: readonly { readonly what: string; readonly unit: string; readonly samples: Samples }[],
  names: readonly string[],
): string {
  const [own = '', ...others] = names;
  return table(
    ['', ...names, ...others.map((other) => `${own} / ${other}`)],
    measured.map(({ what, unit, samples }) => [
      `${what}, ${unit}`,
      ...names.map((name) => format(medianOf(samples, name, unit))),
      ...others.map((other) => ratio(samples, own, other, unit).toFixed(2)),
    ]),
  );
}

export function format(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value.toFixed(value >= 10 ? 1 : 2);
}
