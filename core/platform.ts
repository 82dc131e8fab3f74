/** What an image runs on, in the words of the OCI image index (`os`, `architecture`, `variant`). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
}

const pattern = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9.]+))?$/;

/** `linux/arm64` or `linux/arm/v7`; null when the text is neither. */
export function parsePlatform(text: string): Platform | null {
  const match = pattern.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { os: match[1], architecture: match[2], variant: match[3] ?? null };
}

export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === null ? base : `${base}/${platform.variant}`;
}

/** Whether an entry offers what is wanted; a wanted platform without a variant takes every variant. */
export function matchesPlatform(entry: Platform, wanted: Platform): boolean {
  return (
    entry.os === wanted.os &&
    entry.architecture === wanted.architecture &&
    (wanted.variant === null || wanted.variant === entry.variant)
  );
}
