import { field } from '../problem.ts';
import { isMap, listAt, textAt } from './fields.ts';

/** Signatures of one envelope that are tried. */
const mostSignatures = 20;
const inTotoType = 'application/vnd.in-toto+json';
const predicateTypes: ReadonlySet<string> = new Set([
  'https://openvex.dev/ns',
  'https://openvex.dev/ns/v0.2.0',
]);

/** A DSSE envelope (github.com/secure-systems-lab/dsse, protocol.md), taken apart and not believed. */
export interface Envelope {
  /** What was signed: the type and the payload in one (PAE). */
  readonly signed: Uint8Array;
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/** null for what is none of in-toto. A Sigstore bundle is one in a wrapping that is not needed with keys that are known. */
export function readEnvelope(text: string): Envelope | null {
  const value = parsed(text);
  const envelope = field(value, 'dsseEnvelope') ?? value;
  const [type, payload] = [textAt(envelope, 'payloadType'), textAt(envelope, 'payload')];
  if (type !== inTotoType || payload === null) return null;
  const bytes = Buffer.from(payload, 'base64');
  const signatures = listAt(envelope, 'signatures').slice(0, mostSignatures);
  return {
    signed: preAuthenticated(type, bytes),
    payload: bytes,
    signatures: signatures.flatMap((one) => {
      const signature = textAt(one, 'sig');
      return signature === null ? [] : [Buffer.from(signature, 'base64')];
    }),
  };
}

/** What an in-toto Statement says (in-toto attestation framework, v0.1 and v1) whose predicate is OpenVEX. */
export interface InTotoVex {
  /** Digests of what it is about: `sha256:…`. */
  readonly subjects: readonly string[];
  readonly predicate: unknown;
}

/** null for a statement about something else than VEX. */
export function readInTotoVex(payload: Uint8Array): InTotoVex | null {
  const value = parsed(Buffer.from(payload).toString('utf8'));
  if (textAt(value, '_type')?.startsWith('https://in-toto.io/Statement/') !== true) return null;
  if (!predicateTypes.has(textAt(value, 'predicateType') ?? '')) return null;
  const subjects = listAt(value, 'subject').flatMap((subject) => {
    const digests = field(subject, 'digest');
    return ['sha256', 'sha512'].flatMap((algorithm) => {
      const hex = textAt(digests, algorithm);
      return hex === null ? [] : [`${algorithm}:${hex}`];
    });
  });
  const predicate = field(value, 'predicate');
  return isMap(predicate) ? { subjects, predicate } : null;
}

/** DSSE, "Signature Definition": lengths come first, so that no two pairs of type and payload are the same bytes. */
function preAuthenticated(type: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
