import type { Digest } from './digest.ts';

/** What a publisher of VEX can say of a vulnerability in a product (OpenVEX 0.2.0, "Status Labels"). */
export const vexStatuses = ['not_affected', 'affected', 'fixed', 'under_investigation'] as const;
export type VexStatus = (typeof vexStatuses)[number];

/** Why something is not affected (OpenVEX 0.2.0, "Status Justifications"; CSAF 2.0, flags, has the same words). */
export const vexJustifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;
export type VexJustification = (typeof vexJustifications)[number];

/** One statement as a verdict records it, so that who reads it can judge the judge. */
export interface VexNote {
  readonly status: Extract<VexStatus, 'not_affected' | 'fixed'>;
  readonly justification: VexJustification | null;
  /** Its author's words on why it does no harm. */
  readonly impact: string | null;
  readonly author: string;
  /** Id of the document that it stands in; null for one of a policy file. */
  readonly document: string | null;
  /** Where the document was found: a path, `policy`, or where in a registry with the name of the key. */
  readonly source: string;
  /** ISO 8601. */
  readonly timestamp: string;
}

/** A document that was found attached to an image, as it came. */
export interface AttachedDocument {
  /** The manifest that holds it. */
  readonly manifest: Digest;
  /** A DSSE envelope, JSON; null where there is none that could be read. */
  readonly envelope: string | null;
  /** Why it cannot count, whatever a policy says; null: that is for the policy's keys to tell. */
  readonly problem: string | null;
}

/** What one repository has attached to an image. */
export interface AttachedVex {
  /** Canonical name. */
  readonly repository: string;
  /** When it was last looked for, ISO 8601. */
  readonly lookedAt: string;
  /** Why the last look found nothing out; the documents are those of the look before. null: it went well. */
  readonly problem: string | null;
  readonly documents: readonly AttachedDocument[];
}

/** Who has said it and where it was found, for a person. */
export function vexSources(notes: readonly VexNote[]): string {
  const each = notes.map(({ author, document, source }) =>
    document === null ? `${author}, ${source}` : `${author}, ${document} in ${source}`,
  );
  return [...new Set(each)].join('; ');
}
