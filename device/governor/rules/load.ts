/** How busy other programs keep the machine. What the device and its sandboxes use is not counted. */
import { Latch } from '../latch.ts'
import type { GovernorPolicy } from '../policy.ts'
import type { Load } from '../readings.ts'
import { type Rule, UNKNOWN } from '../rule.ts'
import { duration, percent } from '../words.ts'

interface Sample extends Load {
  readonly atMs: number
}

/** @param loadMax - share of all processors */
export function loadRule({ loadWindowMs, idleMs }: GovernorPolicy, loadMax: number): Rule {
  const quietMs = Math.max(loadWindowMs, idleMs)
  // The window that shows the machine idle is part of the time that it has been idle.
  const latch = new Latch({ holdMs: 0, clearMs: quietMs - loadWindowMs, closed: idleMs > 0 })
  const samples: Sample[] = []
  const shareOf = (load: Load, atMs: number): number | null => {
    samples.push({ ...load, atMs })
    // The newest sample that is old enough is where the window begins.
    while (samples[1] !== undefined && atMs - samples[1].atMs >= loadWindowMs) samples.shift()
    const [first] = samples
    if (first === undefined || atMs - first.atMs < loadWindowMs) return null
    return Math.max(0, load.othersMs - first.othersMs) / ((atMs - first.atMs) * load.processors)
  }
  return {
    name: 'load',
    stopsRunning: false,
    judge({ load }, { monotonicMs }) {
      const share = load ? shareOf(load, monotonicMs) : null
      if (!load) samples.length = 0
      // Where load cannot be measured, it must not keep work away for ever.
      const condition = load === null ? 'good' : share === null ? 'between' : share > loadMax ? 'bad' : 'good'
      const paused = latch.judge(condition, monotonicMs)
      const reading = share === null ? (load ? 'being measured' : UNKNOWN) : percent(share)
      const limit = `at most ${percent(loadMax)}`
      const use = share === null ? 'have yet to be measured' : `use ${reading} of the processors`
      const end = `work begins after ${duration(quietMs)} of ${limit}`
      return { paused, reason: `other programs ${use} (limit ${percent(loadMax)}); ${end}`, reading, limit }
    },
  }
}
