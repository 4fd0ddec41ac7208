/** Whether the board may work now, judged by what it says of its temperature and power. Pure but for its own memory. */

/** What the board says of itself; null where it says nothing. */
export interface Health {
  readonly socTemperatureMilliC: number | null
  readonly underVoltage: boolean | null
  readonly throttled: boolean | null
}

/** A Raspberry Pi lowers its clock from 80 °C on; work would only get slower from there. */
const HOT_MILLI_C = 80_000
const COOL_MILLI_C = 72_000
/** A weak power supply recovers as soon as the work stops, and fails again with it: do not flutter. */
const PAUSE_MS_MIN = 60_000

export class Governor {
  #reason = ''
  #sinceMs = 0

  /** Why there is no work now; empty when there may be. */
  get reason(): string {
    return this.#reason
  }

  /** Judges a reading taken at `nowMs`, monotonic. @returns whether the reason changed */
  judge(health: Health, nowMs: number): boolean {
    const found = this.#trouble(health)
    if (found === '' && this.#reason !== '' && nowMs - this.#sinceMs < PAUSE_MS_MIN) return false
    if (found !== '') this.#sinceMs = nowMs
    const changed = found !== this.#reason
    this.#reason = found
    return changed
  }

  #trouble({ socTemperatureMilliC, underVoltage, throttled }: Health): string {
    if (underVoltage) return 'the power supply is too weak: the board reports under-voltage'
    if (throttled) return 'the board has lowered its clock to protect itself'
    const limit = this.#reason === '' ? HOT_MILLI_C : COOL_MILLI_C
    if (socTemperatureMilliC === null || socTemperatureMilliC < limit) return ''
    return `the board is too hot: above ${limit / 1000} °C`
  }
}
