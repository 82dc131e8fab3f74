/** `NAME.Runtime.RID`, one of the packages that a framework is published as. */
const runtime =
  /^(.+\.Runtime\.)([a-z][a-z0-9.]*(?:-musl)?)-((?:x64|x86|arm64|arm|armel|s390x|ppc64le|riscv64|loongarch64))$/;
const portable: ReadonlySet<string> = new Set([
  ...['linux', 'linux-musl', 'linux-bionic', 'win', 'osx', 'freebsd', 'android', 'ios', 'browser', 'wasi'],
]);

/**
 * What advisories call a framework that was built for one distribution: they name the builds that Microsoft publishes
 * (`linux-x64`), while one that a distribution made from the same source says `ubuntu.24.04-x64` or `alpine.3.19-x64`.
 */
export function publishedName(name: string): string {
  const [, stem, system, arch] = runtime.exec(name) ?? [];
  if (stem === undefined || system === undefined || arch === undefined || portable.has(system)) return name;
  // Windows' and macOS' releases are named as well, but lie in no image of Linux.
  if (/^(?:win|osx|ios|tvos|android)/.test(system)) return name;
  return `${stem}${system.startsWith('alpine') ? 'linux-musl' : 'linux'}-${arch}`;
}
