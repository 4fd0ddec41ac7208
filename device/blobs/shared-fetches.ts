import { cancelled } from './pause.ts'

interface Shared<T> {
  readonly result: Promise<T>
  readonly abort: AbortController
  users: number
}

/** Lets callers that want the same thing at the same time share one transfer; it ends when the last of them loses interest. */
export class SharedFetches<T> {
  readonly #running = new Map<string, Shared<T>>()

  /**
   * The result of `fetch`, or of a call with the same key that is still running.
   * @throws {TaskError} `cancelled` when `signal` aborts, and whatever `fetch` throws
   */
  get(key: string, fetch: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const shared = this.#running.get(key) ?? this.#begin(key, fetch)
    shared.users += 1
    return new Promise((resolve, reject) => {
      const leave = () => {
        shared.users -= 1
        if (shared.users === 0) shared.abort.abort()
        reject(cancelled())
      }
      if (signal?.aborted) return leave()
      signal?.addEventListener('abort', leave, { once: true })
      shared.result.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave))
    })
  }

  #begin(key: string, fetch: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const abort = new AbortController()
    const end = () => {
      if (this.#running.get(key) === shared) this.#running.delete(key)
    }
    const shared: Shared<T> = { result: fetch(abort.signal).finally(end), abort, users: 0 }
    // Users who left do not hear how it ended.
    shared.result.catch(() => {})
    abort.signal.addEventListener('abort', end, { once: true })
    this.#running.set(key, shared)
    return shared
  }
}
