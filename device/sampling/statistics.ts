/** Mean, least, greatest and number of what a channel measured. Pure. */
import type { SensorFault } from '../../protocol/index.ts'
import type { ReadingValues } from './series.ts'

/** Some samples of one channel taken together. `samples` is at least 1. */
export interface ChannelStatistics {
  readonly mean: number
  readonly least: number
  readonly greatest: number
  readonly samples: number
}

/** Gathers one channel. Values are whole numbers of the channel's resolution, and so are the statistics. */
export class ChannelGatherer {
  /** A few hundred values near their bound are more than a double sums exactly. */
  #sum = 0n
  #least = Number.POSITIVE_INFINITY
  #greatest = Number.NEGATIVE_INFINITY
  #samples = 0
  #fault: SensorFault | null = null

  addValue(value: number): void {
    this.addStatistics({ mean: value, least: value, greatest: value, samples: 1 })
  }

  addStatistics({ mean, least, greatest, samples }: ChannelStatistics): void {
    this.#sum += BigInt(mean) * BigInt(samples)
    this.#least = Math.min(this.#least, least)
    this.#greatest = Math.max(this.#greatest, greatest)
    this.#samples += samples
  }

  /** Remembers why there was no value; told only when there was none at all. */
  addFault(fault: SensorFault): void {
    this.#fault = fault
  }

  /** Mean, least, greatest and number; NaN throughout when there was no value. */
  get columns(): readonly [number, number, number, number] {
    if (this.#samples === 0) return [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
    const exact = Number(this.#sum) / this.#samples
    const mean = Math.min(this.#greatest, Math.max(this.#least, Math.round(exact) + 0))
    return [mean, this.#least, this.#greatest, this.#samples]
  }

  get fault(): SensorFault | null {
    return this.#samples === 0 ? this.#fault : null
  }
}

/** The statistics of several channels as one reading. */
export function readingOf(channels: readonly ChannelGatherer[]): ReadingValues {
  return { values: channels.flatMap(channel => channel.columns), faults: channels.map(channel => channel.fault) }
}
