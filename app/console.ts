/** Where commands write: results to `out`, everything else to `err`. */
export interface Console {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person looks at `err`: progress is drawn only then. */
  readonly interactive: boolean;
}

export const processConsole: Console = {
  out: (text) => {
    process.stdout.write(`${text}\n`);
  },
  err: (text) => {
    process.stderr.write(`${text}\n`);
  },
  interactive: process.stderr.isTTY === true,
};

/** Exit codes of the command line (README). */
export const exitCodes = { ok: 0, fail: 1, usage: 2, undecided: 3 } as const;
