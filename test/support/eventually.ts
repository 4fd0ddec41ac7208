const LOOK_AGAIN_MS = 5

/**
 * Asks until there is an answer other than null, undefined and false. For what happens in other processes and on
 * sockets, where no clock of ours can be advanced.
 * @throws {Error} saying what did not happen in time
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, null | undefined | false>> {
  const giveUpMs = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false)
      return answer as Exclude<T, null | undefined | false>
    if (performance.now() > giveUpMs) throw new Error(`${what}: not within ${timeoutMs / 1_000} s`)
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}
