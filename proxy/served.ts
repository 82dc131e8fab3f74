import type { ServerResponse } from 'node:http';

/** What went out with an answer, and where it came from. */
export interface Served {
  /** Of the body. */
  readonly bytes: number;
  /** `store`: from what was here already; `upstream`: the upstream had to be asked, or an inspection waited for. */
  readonly source: 'store' | 'upstream';
  /** Milliseconds for which the request was held for an inspection. */
  readonly held: number;
}

const served = new WeakMap<ServerResponse, Served>();

/** Notes it beside the answer, for whoever counts and logs afterwards. */
export function noteServed(response: ServerResponse, what: Served): void {
  served.set(response, what);
}

/** null: nothing of a repository went out. */
export function servedWith(response: ServerResponse): Served | null {
  return served.get(response) ?? null;
}
