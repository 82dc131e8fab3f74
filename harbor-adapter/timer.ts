/** What Node's timers can hold; beyond it they ring at once. 24 days. */
const longest = 2 ** 31 - 1;

/** Calls once after so many milliseconds, 24 days at most; what it returns calls it off. Keeps no process alive. */
export function after(milliseconds: number, call: () => void): () => void {
  const timer = setTimeout(call, Math.min(milliseconds, longest));
  timer.unref();
  return () => clearTimeout(timer);
}
