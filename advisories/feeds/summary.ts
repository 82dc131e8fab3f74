/** Enough for one line of a report. */
const longestSummary = 200;

/** What somebody wrote, on one line and cut short. */
export function summaryLine(text: string): string {
  const line = text
    .slice(0, 4 * longestSummary)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length > longestSummary ? `${line.slice(0, longestSummary - 1)}…` : line;
}
