import type { Digest } from '../digest.ts';
import type { MatchResult } from '../finding.ts';
import type { RepositoryAddress } from '../repository.ts';
import type { Looked } from './scanner.ts';

/** What another scanner has said of an image, as it is kept. */
export interface Reported {
  /** As verdicts name it; what another one has said does not count. */
  readonly scanner: string;
  /** The analyzers of the inventory that coverage was reckoned from. */
  readonly analyzers: string;
  readonly looked: Looked;
  /** With its provenance. */
  readonly match: MatchResult;
  /** Where the image was had, so that it can be scanned again. */
  readonly address: RepositoryAddress;
}

/** What other scanners have said. An image has what the one said that decides, or nothing. */
export interface ReportedFindings {
  putReported(digest: Digest, reported: Reported): Promise<void>;
  getReported(digest: Digest): Promise<Reported | null>;
  /** Forgets what any other than this one has said; null: all of it. */
  keepReported(scanner: string | null): Promise<void>;
}
