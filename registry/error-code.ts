/** The `code` of a system error (`ENOENT`); by shape, since `instanceof Error` does not hold across realms. */
export function errorCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
