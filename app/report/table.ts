import { oneLine } from '../../policy/text.ts';

/** A longer cell is cut: an image chose its text. */
const widestCell = 120;

/**
 * Columns as wide as their widest cell, two spaces between, nothing after the last. Control characters are
 * taken out, so that no package name can write to the terminal.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const last = header.length - 1;
  const lines = [header, ...rows].map((cells) =>
    cells.map((cell, column) => oneLine(cell, column === last ? 4 * widestCell : widestCell)),
  );
  const widths = header.map((_, column) =>
    lines.reduce((widest, cells) => Math.max(widest, cells[column]?.length ?? 0), 0),
  );
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => (column === last ? cell : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `3 s`, `5 min`, `2 h`, `4 days`: how long something took or how old it is. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
