import { statSync } from 'node:fs';
import type { Known } from '../advisories/match/index.ts';
import { isPratiqueError, type PratiqueError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { OperatingSystem } from '../core/inventory.ts';
import type { FeedProblem, FeedState } from '../core/ports/advisories.ts';
import { openAdvisoryIndex } from '../db/advisories-file.ts';
import { advisoriesMissing } from '../vetting/judge.ts';
import type { Matcher } from '../vetting/ports.ts';
import type { WorkerPool } from './workers/pool.ts';

/** The advisory file as the server sees it: which revision is in force, and when it was swapped. */
export class CurrentAdvisories implements Matcher {
  readonly #file: string;
  readonly #pool: WorkerPool;
  #mark = '';
  #revision: string | null = null;
  #feeds: readonly FeedState[] = [];
  #problems: readonly FeedProblem[] = [];
  #updateProblem: FeedProblem | null = null;
  #problem: PratiqueError | null = null;

  constructor(file: string, pool: WorkerPool) {
    this.#file = file;
    this.#pool = pool;
  }

  revision(): string | null {
    return this.#revision;
  }

  get feeds(): readonly FeedState[] {
    return this.#feeds;
  }

  /** Feeds that could not be renewed, and the update itself where it failed as a whole. */
  get problems(): readonly FeedProblem[] {
    return this.#updateProblem === null ? this.#problems : [...this.#problems, this.#updateProblem];
  }

  /** What came of an update that this server started: why it changed nothing, or null. */
  updateEnded(problem: string | null, at: Date): void {
    const since = this.#updateProblem?.since ?? at.toISOString();
    this.#updateProblem = problem === null ? null : { feed: 'advisories update', why: problem, since };
  }

  /** How old the oldest feed is, ISO 8601; null when there are none. */
  get updatedAt(): string | null {
    return this.#feeds.map((feed) => feed.updatedAt).sort()[0] ?? null;
  }

  /** Why there are none, in words for a person; null when there are. */
  get problem(): string | null {
    return this.#problem?.message ?? null;
  }

  /** Looks whether the file was swapped. Returns true when what is in force has changed. */
  refresh(): boolean {
    const mark = markOf(this.#file);
    if (mark === this.#mark) return false;
    const before = this.#revision;
    // Somebody has put advisories in force: whatever failed before is over.
    if (this.#mark !== '') this.#updateProblem = null;
    this.#mark = mark;
    try {
      const index = openAdvisoryIndex(this.#file);
      this.#revision = index.revision;
      this.#feeds = index.feeds;
      this.#problems = index.problems;
      this.#problem = null;
      index.close();
    } catch (error) {
      if (!isPratiqueError(error)) throw error;
      this.#revision = null;
      this.#feeds = [];
      this.#problems = [];
      this.#problem = error;
    }
    return before !== this.#revision;
  }

  async match(inventory: Parameters<Matcher['match']>[0]): ReturnType<Matcher['match']> {
    this.refresh();
    if (this.#revision === null) throw this.#problem ?? advisoriesMissing();
    return this.#pool.match({ file: this.#file, revision: this.#revision, inventory });
  }

  /** What catalogues know of another scanner's findings; null: there are no advisories, and so no catalogues. */
  async known(findings: readonly Finding[], os: OperatingSystem | null): Promise<Known | null> {
    this.refresh();
    if (this.#revision === null) return null;
    return this.#pool.known({ file: this.#file, revision: this.#revision, findings, os });
  }
}

/** Changes whenever another file stands at this path. */
function markOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}
