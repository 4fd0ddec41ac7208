/** The battery of a machine that has one. */
import { type Condition, Latch } from '../latch.ts'
import type { GovernorPolicy } from '../policy.ts'
import { type Rule, UNKNOWN } from '../rule.ts'
import { duration } from '../words.ts'

/** A battery must have gained this before work begins again. */
const CHARGE_HYSTERESIS_PERCENT = 5

export function batteryRule({ recoveryMs }: GovernorPolicy): Rule {
  const latch = new Latch({ holdMs: 0, clearMs: recoveryMs })
  return {
    name: 'battery',
    stopsRunning: false,
    judge({ power }, { monotonicMs }) {
      const paused = latch.judge(power?.onBattery ? 'bad' : 'good', monotonicMs)
      const subject = power?.onBattery ? 'this machine runs on its battery' : 'this machine ran on its battery'
      return {
        paused,
        reason: `${subject}; work begins again after ${duration(recoveryMs)} on mains power`,
        reading: power ? (power.onBattery ? 'on battery' : 'on mains power') : UNKNOWN,
        limit: 'on mains power',
      }
    },
  }
}

export function chargeRule({ recoveryMs }: GovernorPolicy, minPercent: number): Rule {
  const latch = new Latch({ holdMs: 0, clearMs: recoveryMs })
  const enough = Math.min(100, minPercent + CHARGE_HYSTERESIS_PERCENT)
  return {
    name: 'charge',
    stopsRunning: false,
    judge({ power }, { monotonicMs }) {
      const charge = power?.chargePercent ?? null
      const condition: Condition =
        charge === null || charge >= enough ? 'good' : charge < minPercent ? 'bad' : 'between'
      const paused = latch.judge(condition, monotonicMs)
      const subject = charge === null ? "the battery's charge was low" : `the battery is at ${charge} %`
      const end = `work begins again after ${duration(recoveryMs)} at ${enough} % or more`
      return {
        paused,
        reason: `${subject} (limit ${minPercent} %); ${end}`,
        reading: charge === null ? UNKNOWN : `${charge} %`,
        limit: `at least ${minPercent} %`,
      }
    },
  }
}
