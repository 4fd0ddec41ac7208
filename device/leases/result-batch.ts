/** Groups results that finish close together, so that they share one signature, one message and one outbox row. */
import { assert, type Clock, type LeaseResult, LIMITS, type Timer } from '../../protocol/index.ts'

const RESULTS_MAX = 128
/** Of results. Well below a frame, and room for the largest one. */
const BYTES_MAX = 56 * 1024
const DELAY_MS = 5
/** Lease, outcome, digest, time and heads of a result. */
const RESULT_OVERHEAD_BYTES = 64
/** Heads of the message and the signed frame around it. */
const FRAME_OVERHEAD_BYTES = 160

assert(BYTES_MAX + FRAME_OVERHEAD_BYTES <= LIMITS.frameBytesMax, 'a full batch fits a frame')
assert(
  LIMITS.resultOutputsInlineBytesMax + LIMITS.reasonBytesMax + RESULT_OVERHEAD_BYTES <= BYTES_MAX,
  'the largest result fits a batch of its own',
)
assert(RESULTS_MAX <= LIMITS.resultsPerFrameMax, 'a batch holds no more results than a frame may')

export class ResultBatch {
  readonly #clock: Clock
  readonly #send: (results: LeaseResult[]) => void
  #results: LeaseResult[] = []
  #bytes = 0
  #timer: Timer | null = null

  /** @param send - takes 1 to 128 results that fit one frame */
  constructor(clock: Clock, send: (results: LeaseResult[]) => void) {
    this.#clock = clock
    this.#send = send
  }

  add(result: LeaseResult): void {
    const bytes = bytesOf(result)
    if (this.#bytes + bytes > BYTES_MAX) this.flush()
    this.#results.push(result)
    this.#bytes += bytes
    if (this.#results.length >= RESULTS_MAX) this.flush()
    else this.#timer ??= this.#clock.setTimeout(() => this.flush(), DELAY_MS)
  }

  /** Sends what has gathered. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    if (this.#results.length === 0) return
    const results = this.#results
    this.#results = []
    this.#bytes = 0
    this.#send(results)
  }
}

/** At most what the result takes in a frame: a detail is cut to its bound there. */
function bytesOf({ outputs, detail }: LeaseResult): number {
  return RESULT_OVERHEAD_BYTES + (detail === '' ? 0 : LIMITS.reasonBytesMax) + (outputs?.length ?? 0)
}
