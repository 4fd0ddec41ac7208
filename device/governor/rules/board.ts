/** Heat and power of the board itself. Work that runs stops: it is what makes the heat and draws the power. */
import type { Health } from '../../health.ts'
import { Latch } from '../latch.ts'
import type { GovernorPolicy } from '../policy.ts'
import { type Rule, UNKNOWN } from '../rule.ts'
import { celsius, duration } from '../words.ts'

export function temperatureRule(policy: GovernorPolicy): Rule {
  const hotMilliC = policy.temperatureMaxC * 1_000
  const coolMilliC = hotMilliC - policy.temperatureHysteresisC * 1_000
  const latch = new Latch({ holdMs: 0, clearMs: policy.recoveryMs })
  const limit = `below ${celsius(hotMilliC)}`
  return {
    name: 'temperature',
    stopsRunning: true,
    judge({ socTemperatureMilliC: milliC }, { monotonicMs }) {
      const condition = milliC === null || milliC < coolMilliC ? 'good' : milliC >= hotMilliC ? 'bad' : 'between'
      const paused = latch.judge(condition, monotonicMs)
      const reading = milliC === null ? UNKNOWN : celsius(milliC)
      const subject = milliC === null ? 'the processor was too hot' : `the processor is at ${reading}`
      const end = `work begins again after ${duration(policy.recoveryMs)} below ${celsius(coolMilliC)}`
      return { paused, reason: `${subject} (limit ${celsius(hotMilliC)}); ${end}`, reading, limit }
    },
  }
}

export function underVoltageRule(policy: GovernorPolicy): Rule {
  return flagRule(policy, 'under-voltage', 'underVoltage', [
    'the power supply is too weak: the board reports under-voltage',
    'the power supply was too weak a moment ago',
  ])
}

export function throttledRule(policy: GovernorPolicy): Rule {
  return flagRule(policy, 'throttled', 'throttled', [
    'the board has lowered its clock to protect itself',
    'the board had lowered its clock to protect itself',
  ])
}

/** @param words - while the board says so, and afterwards */
function flagRule(
  { recoveryMs }: GovernorPolicy,
  name: string,
  flag: keyof Pick<Health, 'underVoltage' | 'throttled'>,
  words: readonly [now: string, before: string],
): Rule {
  const latch = new Latch({ holdMs: 0, clearMs: recoveryMs })
  return {
    name,
    stopsRunning: true,
    judge({ [flag]: isBad }, { monotonicMs }) {
      const paused = latch.judge(isBad ? 'bad' : 'good', monotonicMs)
      const reading = isBad === null ? UNKNOWN : isBad ? 'yes' : 'no'
      const reason = `${words[isBad ? 0 : 1]}; work begins again after ${duration(recoveryMs)} without it`
      return { paused, reason, reading, limit: 'no' }
    },
  }
}
