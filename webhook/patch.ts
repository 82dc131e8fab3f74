/** Operations of RFC 6902 that are used here: a value is looked at, and then replaced; or it is set, whether it was there or not. */
export interface PatchOperation {
  readonly op: 'test' | 'replace' | 'add';
  /** RFC 6901. */
  readonly path: string;
  readonly value: string;
}

/** One text of an object that becomes another. */
export interface Change {
  readonly pointer: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The patch that makes changes and nothing else. Each value is looked at first: should a path ever lead to another place than
 * the one that was read, the API server refuses the object (`test`, RFC 6902 section 4.6), and no other text is overwritten.
 */
export function patchOf(changes: readonly Change[]): readonly PatchOperation[] {
  return changes.flatMap(({ pointer, from, to }) => [
    { op: 'test', path: pointer, value: from },
    { op: 'replace', path: pointer, value: to },
  ]);
}
