/** Lets so many go on at once; the others wait for their turn, the first who came first. */
export function atMost(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let going = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    // Who ends hands the place on, so that nobody takes it in between.
    if (going >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else going += 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else going -= 1;
    }
  };
}
