/** Feeds that say something of vulnerabilities or releases, and are no lists of advisories. */
const beside: ReadonlySet<string> = new Set(['kev', 'epss', 'endoflife']);

export function isBeside(feed: string): boolean {
  return beside.has(feed);
}
