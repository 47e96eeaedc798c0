interface Wish<T> {
  key: string;
  signal: AbortSignal | undefined;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/**
 * Makes one question of many small ones: what is asked for within `ms` of the first is asked at once, at most `atOnce` keys in a
 * question. Who does not want the answer any more, by its signal, is left out. `otherwise` is the answer of keys that none came for.
 */
export function gathered<T>(ms: number, atOnce: number, ask: (keys: string[]) => Promise<ReadonlyMap<string, T>>, otherwise: T): (key: string, signal?: AbortSignal) => Promise<T> {
  let wishes: Wish<T>[] = [];
  const flush = async () => {
    const wanted = wishes.filter((wish) => !wish.signal?.aborted);
    wishes = [];
    const keys = [...new Set(wanted.map((wish) => wish.key))];
    for (let from = 0; from < keys.length; from += atOnce) {
      const some = keys.slice(from, from + atOnce);
      const own = wanted.filter((wish) => some.includes(wish.key));
      try {
        const answers = await ask(some);
        for (const wish of own) wish.resolve(answers.get(wish.key) ?? otherwise);
      } catch (error) {
        for (const wish of own) wish.reject(error);
      }
    }
  };
  return (key, signal) => new Promise((resolve, reject) => {
    if (wishes.length === 0) setTimeout(() => void flush(), ms);
    wishes.push({ key, signal, resolve, reject });
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });
}
