import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AskContext } from '../core/context.ts';
import { failuresOf } from '../core/denial.ts';
import { fromPlainError, type PlainError } from '../core/errors.ts';
import type { StoredManifest } from '../core/image.ts';
import type { Clearance, Gate, TagAnswer } from '../core/ports/gate.ts';
import { formatPointer, type ManifestPointer, type RepositoryAddress } from '../core/repository.ts';
import { within } from '../core/within.ts';
import { type OciError, ociError, ociErrorOf } from '../registry/oci-error.ts';
import { type Answer, answerTo } from './answers.ts';
import type { ProxyContext } from './context.ts';
import { holdFor } from './hold.ts';
import { sendError, translateStatus } from './respond.ts';
import { noteServed } from './served.ts';
import { isUnchanged, sendUnchanged } from './unchanged.ts';

/**
 * GET and HEAD of a manifest: one predicate for both, asked again after every wait. The wait for the upstream and
 * that for the vetting share one hold: containerd gives up after 30 s in all.
 */
export async function serveManifest(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  address: RepositoryAddress,
  pointer: ManifestPointer,
  asker: AskContext,
): Promise<void> {
  const method = request.method ?? 'GET';
  const deadline = performance.now() + holdFor(context.holds, request);
  const left = (): number => Math.max(0, deadline - performance.now());
  const name = formatPointer(address, pointer);
  const known = inMemory(context.gate, address, pointer);
  const found = known ?? (await within(find(context.gate, address, pointer), left(), () => null));
  if (found === null) {
    const reasons = [`${address.namespace} was asked, and has not answered yet`];
    const unasked = { status: 'pending', allowed: false, ruled: null, reasons } as const;
    const late = answerTo(name, unasked, null);
    if (late.kind !== 'serve') sendRefusal(response, method, late);
    return;
  }
  const { manifest, staleAge } = found;
  let held = 0;
  let clearance = context.gate.clearance(address, manifest, 'serve', asker);
  // Nobody waits for what will not change his answer: `audit` says nothing to who asks.
  const recordsAlone = clearance.allowed && clearance.ruled?.mode === 'audit';
  if (clearance.status === 'pending' && !recordsAlone) {
    const holding = performance.now();
    const release = context.onHold(address.upstream);
    try {
      clearance = await context.gate.settled(address, manifest, 'serve', asker, left());
    } finally {
      release();
    }
    held = performance.now() - holding;
  }
  const answer = answerTo(name, clearance, context.reportUrl(decisiveDigest(clearance)));
  const decided = (found: Clearance): void =>
    context.onDecision({ name, user: asker.user, clearance: found });
  if (clearance.status !== 'pending' || !recordsAlone) decided(clearance);
  else {
    // What is recorded is what would have been said.
    context.gate
      .settled(address, manifest, 'serve', asker, context.holds.docker)
      .then(decided)
      .catch((error: unknown) => context.logger.error({ err: error }, 'a decision could not be recorded'));
  }
  const comeBack = throttled(clearance, failuresOf(clearance));
  if (comeBack !== null) sendError(response, method, comeBack);
  else if (answer.kind === 'serve') sendManifest(request, response, manifest, answer.warning, staleAge);
  else sendRefusal(response, method, answer);
  const sent = response.statusCode === 200 && method !== 'HEAD';
  const source = known !== null && held === 0 ? 'store' : 'upstream';
  noteServed(response, { bytes: sent ? manifest.bytes.length : 0, source, held });
}

/** What needs no waiting: a digest that is in memory, or a tag whose upstream was heard just now. */
function inMemory(gate: Gate, address: RepositoryAddress, pointer: ManifestPointer): TagAnswer | null {
  const manifest =
    pointer.kind === 'digest' ? gate.held(address, pointer.digest) : gate.heldTag(address, pointer.tag);
  return manifest === null ? null : { manifest, staleAge: null };
}

async function find(gate: Gate, address: RepositoryAddress, pointer: ManifestPointer): Promise<TagAnswer> {
  if (pointer.kind === 'tag') return gate.tag(address, pointer.tag, 'held');
  return { manifest: await gate.resolve(address, pointer), staleAge: null };
}

/**
 * HEAD of a manifest by somebody who may push to this hosted repository: before a push, clients ask whether it is
 * there. What is not cleared is "not there" to him, since containerd gives a push up at any answer but 200 and 404.
 */
export async function headForPusher(
  context: ProxyContext,
  request: IncomingMessage,
  response: ServerResponse,
  address: RepositoryAddress,
  pointer: ManifestPointer,
  asker: AskContext,
): Promise<void> {
  translateStatus(response, null);
  // Who hears that it is there does not push it: what the upstream had said before will not do.
  const { manifest } =
    pointer.kind === 'tag'
      ? await context.gate.tag(address, pointer.tag, 'certain')
      : await find(context.gate, address, pointer);
  const clearance = context.gate.clearance(address, manifest, 'serve', asker);
  const answer = answerTo(formatPointer(address, pointer), clearance, null);
  if (answer.kind === 'serve') sendManifest(request, response, manifest, answer.warning, null);
  else sendError(response, 'HEAD', ociError('MANIFEST_UNKNOWN', answer.message));
}

/** The report that explains a refusal is that of the platform which decided. */
function decisiveDigest(clearance: Clearance): string {
  return (
    clearance.platforms.find((platform) => platform.status === clearance.status)?.digest ?? clearance.digest
  );
}

/** What failed because the upstream or the queue asks to come back later is answered as that (ADR 0009). */
export function throttled(
  { allowed, status }: Pick<Clearance, 'allowed' | 'status'>,
  failures: readonly PlainError[],
): OciError | null {
  if (allowed || status === 'fail') return null;
  const answers = failures.map((failure) => ociErrorOf(fromPlainError(failure)));
  return answers.find((answer) => answer.code === 'TOOMANYREQUESTS') ?? null;
}

/** @param staleAge see `TagAnswer` */
function sendManifest(
  request: IncomingMessage,
  response: ServerResponse,
  manifest: StoredManifest,
  warning: string | null,
  staleAge: number | null,
): void {
  const { digest } = manifest;
  const told = warnings(warning, staleAge);
  if (isUnchanged(request, digest)) {
    sendUnchanged(response, digest, told);
    return;
  }
  response.writeHead(200, {
    'Content-Type': manifest.mediaType,
    'Content-Length': manifest.bytes.length,
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Docker-Distribution-Api-Version': 'registry/2.0',
    ...told,
  });
  response.end(request.method === 'HEAD' ? undefined : manifest.bytes);
}

/** `Warning` 110 with `Age` (RFC 7234, 5.5.1) beside the gate's own 299. */
function warnings(
  warning: string | null,
  staleAge: number | null,
): Readonly<Record<string, string | string[]>> {
  const found = warning === null ? [] : [`299 - "${headerText(warning)}"`];
  if (staleAge === null) return found.length === 0 ? {} : { Warning: found };
  return { Warning: ['110 - "Response is Stale"', ...found], Age: String(staleAge) };
}

export function sendRefusal(
  response: ServerResponse,
  method: string,
  answer: Exclude<Answer, { kind: 'serve' }>,
): void {
  if (answer.kind === 'refuse') {
    sendError(response, method, {
      status: 403,
      code: 'DENIED',
      message: answer.message,
      phrase: answer.phrase,
      ...(answer.report === null ? {} : { detail: `Report: ${answer.report}` }),
    });
  } else {
    sendError(response, method, {
      status: 429,
      code: 'TOOMANYREQUESTS',
      message: answer.message,
      retryAfter: answer.retryAfter,
    });
  }
}

/** A quoted-string of RFC 9110: printable ASCII without quote and backslash. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, "'");
}
