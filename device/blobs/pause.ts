import { type Clock, TaskError } from '../../protocol/index.ts'

/** Waits, unless it is called off. @throws {TaskError} `cancelled` */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled())
    const abort = () => {
      timer.cancel()
      reject(cancelled())
    }
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Nobody needs the work any more. */
export function cancelled(): TaskError {
  return new TaskError({ code: 'cancelled' }, 'The work was called off.')
}
