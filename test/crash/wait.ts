export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const POLL_MS = 10

/** Asks again until there is an answer. @throws {Error} saying that `what` did not happen in time */
export async function until<T>(what: string, timeoutMs: number, ask: () => T | null | Promise<T | null>): Promise<T> {
  const giveUpAt = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (performance.now() > giveUpAt) throw new Error(`${what} did not happen within ${timeoutMs / 1_000} s.`)
    await pause(POLL_MS)
  }
}
