import type { AttachedDocument, AttachedVex } from '../../core/vex.ts';
import { matchesImage } from '../image-pattern.ts';
import { oneLine } from '../text.ts';
import type { JudgedImage } from './acquit.ts';
import { readEnvelope, readInTotoVex } from './envelope.ts';
import { hasSigned } from './key.ts';
import { type PolicyVex, type VexKey, wantsAttached } from './policy-vex.ts';
import { readVexValue } from './read.ts';
import type { VexDocument } from './statement.ts';

/** Something attached that does not count, and why: a sentence's end. */
export interface IgnoredVex {
  /** `registry.example/team/app@sha256:…`, the manifest that holds it. */
  readonly where: string;
  readonly why: string;
}

export interface WeighedVex {
  /** Those that count. */
  readonly documents: readonly VexDocument[];
  readonly ignored: readonly IgnoredVex[];
}

const nothing: WeighedVex = { documents: [], ignored: [] };

/**
 * Which of the documents that are attached to an image count for a policy: those that one of its keys has signed, and
 * that are about this very image. Any repository will do that was seen to hold them, because what is signed names the digest.
 */
export function weigh(
  policy: { readonly vex?: PolicyVex },
  attached: readonly AttachedVex[],
  image: JudgedImage,
): WeighedVex {
  const { vex } = policy;
  if (vex === undefined || !wantsAttached(policy)) return nothing;
  const documents: VexDocument[] = [];
  const ignored: IgnoredVex[] = [];
  const seen = new Set<string>();
  for (const { repository, problem, documents: found } of attached) {
    if (problem !== null) ignored.push({ where: repository, why: oneLine(problem, 300) });
    for (const document of found) {
      // The same document in several repositories is one.
      const key = JSON.stringify(document);
      if (seen.has(key)) continue;
      seen.add(key);
      const where = `${repository}@${document.manifest}`;
      const read = believe(vex.keys, document, image, where);
      if (typeof read === 'string') ignored.push({ where, why: read });
      else documents.push(read);
    }
  }
  return { documents, ignored };
}

/** Nothing of a payload is looked at before its signature is found to be good. */
function believe(
  keys: readonly VexKey[],
  { envelope: text, problem }: AttachedDocument,
  image: JudgedImage,
  where: string,
): VexDocument | string {
  if (text === null || problem !== null) return problem ?? 'it holds nothing that can be read';
  const envelope = readEnvelope(text);
  if (envelope === null) return 'it is not signed: there is no DSSE envelope of an in-toto statement';
  const { signed, payload, signatures } = envelope;
  if (signatures.length === 0) return 'it is not signed';
  const signers = keys.filter(({ pem }) => signatures.some((signature) => hasSigned(pem, signed, signature)));
  const [first] = signers;
  if (first === undefined) return 'none of the keys that the policy names has signed it';
  const signer = signers.find((key) => mayVouch(key, image));
  if (signer === undefined) {
    return `the key ${first.name} that has signed it is not for every repository that holds the image`;
  }
  const statement = readInTotoVex(payload);
  if (statement === null) return `what the key ${signer.name} has signed is not OpenVEX`;
  if (image.digest === null || !statement.subjects.includes(image.digest)) {
    return `what the key ${signer.name} has signed is about another image`;
  }
  const document = readVexValue(statement.predicate, `${where} (key ${signer.name})`);
  return typeof document === 'string'
    ? `what the key ${signer.name} has signed cannot be read: ${document}`
    : document;
}

/** As with exceptions: a copy in a repository of the key's does not bring the original under it. */
function mayVouch({ repositories }: VexKey, image: JudgedImage): boolean {
  if (repositories === null) return true;
  const names = image.repositories;
  return (
    names.length > 0 && names.every((name) => repositories.some((pattern) => matchesImage(pattern, name)))
  );
}
