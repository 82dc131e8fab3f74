/** From `v2.11.2-6a4f1d3e`; null for a build without a number, such as `dev`. */
export interface HarborVersion {
  readonly major: number;
  readonly minor: number;
}

export function parseHarborVersion(text: string): HarborVersion | null {
  const match = /^v?([0-9]{1,4})\.([0-9]{1,4})(?:[.+-]|$)/.exec(text);
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Up to 2.10 every capability of a scanner must produce vulnerabilities; one for SBOMs is refused. */
export function refusesSbom(version: HarborVersion): boolean {
  return version.major < 2 || (version.major === 2 && version.minor <= 10);
}

/** What an administrator does about it, as a sentence's end. */
export const switchSbomOff =
  'Switch it off: "harborAdapter: { sbom: false }" in Pratique\'s configuration, and start it again';
