import type { Package } from '../../core/inventory.ts';

/** Signed by the distribution after it was built: the same kernel in a source package of its own. */
const signed = /^linux-signed((?:-.+)?)$/;

/**
 * The source under which advisories speak of a Debian or Ubuntu kernel: `linux-signed-amd64` `6.1.90+1` is `linux`
 * `6.1.90-1`, `linux-signed-aws-5.15` is `linux-aws-5.15` in the same version. Others are as they are (docs/matching.md).
 */
export function kernelSource({ name, version }: Package['source']): Package['source'] {
  const flavour = signed.exec(name)?.[1];
  if (flavour === undefined) return { name, version };
  return {
    name: `linux${flavour.replace(/-(?:amd64|arm64|i386)$/, '')}`,
    // Debian's signed sources are native packages, whose versions have no dash.
    version: version.includes('-') ? version : version.replace('+', '-'),
  };
}

const ofHost = 'an image runs on its host’s kernel';
const headersOnly = `${ofHost}; this package holds the kernel’s headers only`;
const otherKernel = `${ofHost}, not on the one that this package holds`;

interface Kernels {
  /** Of the source packages that are kernels; others only begin like it. */
  readonly source: RegExp;
  readonly headers: RegExp;
  readonly image: RegExp;
}

/** Tools that are built with a kernel (perf, bpftool) do run in an image, and have no note. */
const kernels: ReadonlyMap<Package['type'], Kernels> = new Map([
  [
    'deb',
    {
      source: /^linux(?:-|$)/,
      headers: /^linux-(?:libc-dev(?:-|$)|(?:.+-)?headers-)/,
      image: /^linux-(?:image|modules|signed-image)-/,
    },
  ],
  [
    'apk',
    {
      source: /^linux-/,
      headers: /^linux-(?:headers$|.+-dev$)/,
      image: /^linux-(?:lts|virt|edge|stable|rpi[0-9]*|vanilla|grsec|hardened|virtgrsec|asahi|openpax)$/,
    },
  ],
  [
    'rpm',
    {
      source: /^kernel(?:-|$)/,
      headers: /^kernel-(?:.+-)?(?:headers|devel(?:-matched)?)$/,
      image:
        /^kernel(?:-(?:rt|debug|64k|16k|zfcpdump|uek))*(?:-(?:core|modules(?:-(?:core|extra|internal))?))?$/,
    },
  ],
]);

/** What a person should know of any finding of a kernel's package; null: it is none. */
export function kernelNote({ type, name, source }: Package): string | null {
  const kind = kernels.get(type);
  if (kind === undefined || !kind.source.test(source.name)) return null;
  if (kind.headers.test(name)) return headersOnly;
  return kind.image.test(name) ? otherKernel : null;
}
