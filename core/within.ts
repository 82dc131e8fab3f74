const passed = Symbol('passed');

/** What `work` comes to, or what `late` gives or throws where that takes longer; the work goes on. */
export async function within<Value, Late>(
  work: Promise<Value>,
  milliseconds: number,
  late: () => Late,
): Promise<Value | Late> {
  let timer: NodeJS.Timeout | undefined;
  const time = new Promise<typeof passed>((resolve) => {
    timer = setTimeout(() => resolve(passed), milliseconds);
  });
  try {
    const first = await Promise.race([work, time]);
    return first === passed ? late() : first;
  } finally {
    clearTimeout(timer);
  }
}
