/** Asks for the next few things while the first is being used, so that a source far away costs its latency once. */

/**
 * The results of `ask(0)`, `ask(1)` … in order.
 * @param count - how many there are
 * @param ahead - how many are asked for at once
 */
export async function* inOrder<Result>(
  count: number,
  ahead: number,
  ask: (index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const waiting: Promise<Result>[] = []
  for (let index = 0; index < count; index++) {
    while (waiting.length < ahead && index + waiting.length < count) {
      const promise = ask(index + waiting.length)
      // A failure is thrown when its turn comes, or never when an earlier one ends the reading.
      promise.catch(() => {})
      waiting.push(promise)
    }
    yield (await waiting.shift()) as Result
  }
}
