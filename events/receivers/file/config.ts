/** A file of JSON lines. */
export interface FileConfig {
  readonly type: 'file';
  readonly path: string;
  /** Beyond it the file becomes `<path>.1`, in place of the one before; bytes. */
  readonly maxBytes: number;
}

export const defaultMaxBytes = 10 * 1024 * 1024;
