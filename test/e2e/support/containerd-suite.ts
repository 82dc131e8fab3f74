import { describeClient, type Sayings, upstream } from './client-suite.ts';
import { startContainerdClient } from './clients/containerd.ts';
import { haveAptPrograms } from './programs.ts';

/** containerd shows the status line alone, whatever its version; `ctr` and the kubelet put other words before it. */
const says: Sayings = {
  refused:
    /failed to resolve (?:reference|image).*403 Blocked by Pratique: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\): Critical, and a fix exists/,
  turned:
    /failed to resolve (?:reference|image).*403 Blocked by Pratique: CVE-2026-1003 critical in curl 7\.88-1 \(fixed in 9\)/,
  notYet:
    /failed to resolve (?:reference|image).*429 registry\.corp\/team\/late:1 is not cleared yet: it is being inspected/,
  pushRefused: /403 Blocked by Pratique: CVE-2026-1001 critical in openssl 3\.0\.1-1 \(fixed in 3\.0\.2-1\)/,
  notAllowed: /403 bob may not push hosted\/team\/secret/,
  loggedOut: /insufficient_scope: authorization failed/,
};

/**
 * containerd of one version, asked by `ctr` and as the kubelet asks it.
 * @param programs folder of `containerd` and `ctr`; null: those on the path
 */
export function describeContainerd(title: string, available: boolean, programs: string | null): void {
  const ready = haveAptPrograms('skopeo', 'containerd', 'ctr') && available;
  for (const [by, who] of [
    ['ctr', 'by ctr'],
    ['cri', 'as the kubelet'],
  ] as const) {
    describeClient({
      title: `${title}, ${who}`,
      available: ready,
      start: (place) => startContainerdClient(place, upstream, { by, programs }),
      says,
      // The kubelet pushes nothing.
      ...(by === 'cri' ? { pushes: false } : {}),
    });
  }
}
