import { QUANTITIES, type SenmlRecord, type SenmlSeries, senmlOf } from '../../../protocol/index.ts'
import { verdictText } from '../readings/verdicts.ts'
import type { SensingSource } from '../source.ts'
import type { JudgedReading } from './judged-reading.ts'

/** A time that SenML takes for an absolute one. */
const SOME_TIME_MS = 2 ** 28 * 1_000

/**
 * Turns readings into the records of one pack, piece by piece. A series is named `<device>/<sensor>/<quantity>`; beside it
 * `…/min`, `…/max` and `…/count` are what statistics hold, and `…/verdict` is a text that holds from its time until the next one.
 */
export class SenmlRecords {
  private readonly source: SensingSource
  private readonly verdicts = new Map<string, string>()
  private isFirst = true

  constructor(source: SensingSource) {
    this.source = source
  }

  /** The records of the next readings. */
  of(readings: readonly JudgedReading[]): SenmlRecord[] {
    const series = new Map<string, SenmlSeries & { points: { atMs: number; scaled: number }[] }>()
    const verdicts: SenmlRecord[] = []
    for (const judged of readings) {
      const { sensor, quantity, reading } = judged
      const { atMs, device, unit, exponent, scaled, spread, periodMs } = reading
      if (scaled === null) continue
      const name = `${device}/${sensor}/${quantity}`
      const add = (suffix: string, value: number | null, form: { unit: string; exponent: number }) => {
        if (value === null) return
        const key = `${name}${suffix}`
        const known = series.get(key) ?? { name: key, ...form, periodMs, points: [] }
        known.points.push({ atMs, scaled: value })
        series.set(key, known)
      }
      add('', scaled, { unit, exponent })
      add('/min', spread?.least ?? null, { unit, exponent })
      add('/max', spread?.greatest ?? null, { unit, exponent })
      add('/count', spread?.samples ?? null, { unit: 'count', exponent: 0 })
      verdicts.push(...this.changed(name, judged))
    }
    const values = senmlOf([...series.values()])
    return this.versioned([...values, ...verdicts], readings)
  }

  private changed(name: string, { reading, flags }: JudgedReading): SenmlRecord[] {
    const text = verdictText(flags)
    if (this.verdicts.get(name) === text) return []
    this.verdicts.set(name, text)
    return [{ bn: `${name}/verdict`, bt: reading.atMs / 1_000, vs: text }]
  }

  /** RFC 8428 §4.4: all records are of one version, which a pack of one piece would have found out by itself. */
  private versioned(records: SenmlRecord[], readings: readonly JudgedReading[]): SenmlRecord[] {
    const bare = records.map(({ bver: _, ...record }) => record)
    const [first, ...rest] = bare
    if (first === undefined || !this.isFirst) return bare
    this.isFirst = false
    const bver = versionFor(this.unitsOf(readings))
    return bver === undefined ? bare : [{ bver, ...first }, ...rest]
  }

  /** Every unit that the pack may come to hold: those of the sensors that begin it, and of their quantities. */
  private unitsOf(readings: readonly JudgedReading[]): Set<string> {
    const units = new Set<string>()
    for (const { sensor, quantity, reading } of readings) {
      units.add(reading.unit)
      const standard = QUANTITIES.get(quantity)?.unit
      if (standard !== undefined) units.add(standard)
      for (const { unit } of this.source.registry.sensor(sensor)?.channels ?? []) units.add(unit)
    }
    return units
  }
}

/** The version that a pack with these units must state; undefined for that of RFC 8428 itself. */
function versionFor(units: ReadonlySet<string>): number | undefined {
  const points = [{ atMs: SOME_TIME_MS, scaled: 0 }]
  const series = Array.from(units, unit => ({ name: 'x', unit, exponent: 0, periodMs: null, points }))
  return senmlOf(series)[0]?.bver
}
