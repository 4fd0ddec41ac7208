import { ApiError } from '../../http/admin-api.ts'

/** Readings that one request may have decoded before it stops where it is, which takes well below a second. */
const READINGS_MAX = 400_000

/** How much a request has read, so that none reads for ever. */
export class Work {
  private readonly max: number
  private done = 0

  /** @param max - readings; without end for exports, which are streamed */
  constructor(max = READINGS_MAX) {
    this.max = max
  }

  /**
   * Counts what was decoded.
   * @throws {ApiError} `bad_request` at twice the bound: whoever asks could not stop in time
   */
  spend(readings: number): void {
    this.done += readings
    if (this.done > 2 * this.max) throw tooMuch()
  }

  /** Whether it is time to stop and tell where to go on. */
  get isSpent(): boolean {
    return this.done > this.max
  }
}

/** The refusal of what would need more readings than one request may read. */
export function tooMuch(): ApiError {
  return new ApiError(
    'bad_request',
    'This would read more observations than one request may: name one Datastream, or narrow phenomenonTime with $filter.',
  )
}
