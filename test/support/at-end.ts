import { afterEach } from 'vitest'

/** Gives a function that has something done after each test, the last first. */
export function atEnd(): (close: () => Promise<void> | void) => void {
  const closers: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })
  return close => void closers.push(close)
}
