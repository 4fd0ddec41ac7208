/** Stand-ins for what a device has around it: a runner, blobs and a log that tests look into. */
import type { Blobs, BlobWant, DeviceEvent, Runner, RunRequest, RunResult } from '../../../device/index.ts'
import { encodeOutputs, type Sha256Hex, TaskError } from '../../../protocol/index.ts'

/** One run that a test lets go on. */
export interface HeldRun {
  readonly request: RunRequest
  readonly signal: AbortSignal | undefined
  /** Ends with the inputs as outputs, or with these bytes. */
  finish(outputs?: Uint8Array): void
  fail(error: Error): void
}

/** A runner whose runs end when the test says so; with `echo` they end at once. */
export class FakeRunner implements Runner {
  readonly runs: HeldRun[] = []
  readonly #echo: boolean
  /** What every run says it took. */
  elapsedMs = 7.4
  closed = false

  constructor(mode: 'held' | 'echo' = 'held') {
    this.#echo = mode === 'echo'
  }

  run(request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
    const { promise, resolve, reject } = Promise.withResolvers<RunResult>()
    const finish = (outputs = echoed(request)) => resolve({ outputs, elapsedMs: this.elapsedMs })
    signal?.addEventListener('abort', () => reject(new TaskError({ code: 'cancelled' }, 'It was called off.')))
    this.runs.push({ request, signal, finish, fail: reject })
    if (this.#echo) finish()
    return promise
  }

  async close(): Promise<void> {
    this.closed = true
  }
}

/** The outputs of a task that answers its input and burns one fuel for each of its bytes. */
export function echoed({ inputs }: RunRequest): Uint8Array {
  return encodeOutputs(inputs.map(bytes => ({ kind: 'ok', bytes, fuel: bytes.length })))
}

/** Blobs in memory. A wanted blob that is not there keeps the lease waiting until `supply`. */
export class FakeBlobs implements Blobs {
  readonly wanted: BlobWant[] = []
  readonly uploads: { sha256: Sha256Hex; content: Uint8Array }[] = []
  readonly #content = new Map<string, Uint8Array>()
  readonly #waiting: { digest: string; resolve(content: Uint8Array): void }[] = []
  /** What putting up a blob waits for. */
  upload: Promise<void> = Promise.resolve()

  supply(digest: string, content: Uint8Array): void {
    this.#content.set(digest, content)
    for (const waiter of this.#waiting) if (waiter.digest === digest) waiter.resolve(content)
  }

  fetch(want: BlobWant, signal?: AbortSignal): Promise<Uint8Array> {
    this.wanted.push(want)
    const content = this.#content.get(want.digest)
    if (content !== undefined) return Promise.resolve(content)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ digest: want.digest, resolve })
      signal?.addEventListener('abort', () => reject(new TaskError({ code: 'cancelled' }, 'It was called off.')))
    })
  }

  async put(sha256: Sha256Hex, content: Uint8Array): Promise<void> {
    await this.upload
    this.uploads.push({ sha256, content })
  }
}

/** A log that keeps its events. */
export function keepLog() {
  const events: DeviceEvent[] = []
  return { events, log: (event: DeviceEvent) => void events.push(event) }
}
