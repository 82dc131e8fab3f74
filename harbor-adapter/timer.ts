/** Calls once after so many milliseconds; what it returns calls it off. Keeps no process alive. */
export function after(milliseconds: number, call: () => void): () => void {
  const timer = setTimeout(call, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
}
