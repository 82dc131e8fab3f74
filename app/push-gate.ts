import type { Digest } from '../core/digest.ts';
import type { HostedRecords, HostedRepositories, PushGate } from '../core/ports/hosted.ts';
import type { RepositoryAddress } from '../core/repository.ts';
import type { Vetting } from '../vetting/vetting.ts';

/** The gate for pushes that go through to an upstream: what it takes, and lets go, is known here at once. */
export function createPushGate(parts: {
  readonly vetting: Pick<Vetting, 'proposed' | 'accept' | 'tagPushed'>;
  readonly hosted: Pick<HostedRepositories, 'deleteManifest'>;
  readonly records: Pick<HostedRecords, 'putSubject'>;
  /** A manifest that refers to this digest came. */
  readonly onReferrer: (address: RepositoryAddress, subject: Digest) => void;
}): PushGate {
  const { vetting, hosted, records, onReferrer } = parts;
  return {
    proposed: (...args) => vetting.proposed(...args),
    async accept(address, stored, pointer) {
      await vetting.accept(address, stored);
      if (pointer.kind === 'tag') await vetting.tagPushed(address, pointer.tag, stored.digest);
      const { subject } = stored.manifest;
      if (subject === null) return;
      await records.putSubject(stored.digest, subject);
      onReferrer(address, subject);
    },
    async remove(address, pointer) {
      if (pointer.kind === 'tag') await vetting.tagPushed(address, pointer.tag, null);
      else await hosted.deleteManifest(address, pointer.digest);
    },
  };
}
