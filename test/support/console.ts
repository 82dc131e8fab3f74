/** A console that keeps what is written, for commands run inside a test. */
export interface RecordedConsole {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly interactive: boolean;
  /** Everything written to standard output so far. */
  readonly output: () => string;
  readonly errors: () => string;
}

export function recordConsole(interactive = false): RecordedConsole {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    interactive,
    output: () => out.join('\n'),
    errors: () => err.join('\n'),
  };
}
