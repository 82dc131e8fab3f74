/** Starts what a pending answer waits for: vettings, and fetches of children. None of them rejects. */
export type Waits = (() => Promise<unknown>)[];

/** Starts all, and resolves with whichever comes first, or when the time is over. */
export async function firstOf(waits: Waits, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([...waits.map((start) => start()), passed]);
  } finally {
    clearTimeout(timer);
  }
  // Whatever woke us may have changed nothing; the event loop must get its turn.
  await new Promise((resolve) => setImmediate(resolve));
}
