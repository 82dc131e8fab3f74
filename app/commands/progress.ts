import type { Console } from '../console.ts';

/** One line that is drawn over itself. Where nobody looks, nothing is drawn. */
export interface Progress {
  readonly show: (text: string) => void;
  /** Takes the line away. */
  readonly clear: () => void;
}

/** Redraws more often than that are of no use to the eye, milliseconds. */
const atMostEvery = 100;
/** One line up, and empty it (ECMA-48: CUU, EL). */
const overLast = '\u001b[1A\u001b[2K';

/** @param now milliseconds */
export function createProgress(console: Console, now: () => number): Progress {
  if (!console.interactive) return { show: () => undefined, clear: () => undefined };
  let drawnAt: number | null = null;
  return {
    show: (text) => {
      const at = now();
      if (drawnAt !== null && at - drawnAt < atMostEvery) return;
      console.err(`${drawnAt === null ? '' : overLast}${text}`);
      drawnAt = at;
    },
    clear: () => {
      if (drawnAt !== null) console.err(`${overLast}\u001b[1A`);
      drawnAt = null;
    },
  };
}

/** Of work that is measured in bytes. */
export function bytesProgress(console: Console): {
  readonly show: (what: string) => (done: number, total: number) => void;
  readonly clear: () => void;
} {
  const progress = createProgress(console, Date.now);
  const megabytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(1);
  return {
    show: (what) => (done, total) => {
      const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
      progress.show(`${what}: ${percent} % of ${megabytes(total)} MiB`);
    },
    clear: progress.clear,
  };
}
