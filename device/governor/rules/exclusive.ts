/** Programs that the owner wants the machine for. They get its memory too: work that runs stops. */
import { Latch } from '../latch.ts'
import type { GovernorPolicy } from '../policy.ts'
import { type Rule, UNKNOWN } from '../rule.ts'
import { duration } from '../words.ts'

export function exclusiveRule({ exclusive: names, loadWindowMs }: GovernorPolicy): Rule {
  const latch = new Latch({ holdMs: 0, clearMs: loadWindowMs })
  return {
    name: 'exclusive',
    stopsRunning: true,
    judge({ exclusive = null }, { monotonicMs }) {
      const paused = latch.judge(exclusive ? 'bad' : 'good', monotonicMs)
      const end = `work begins again ${duration(loadWindowMs)} after it has ended`
      const subject = exclusive ? `the program ${exclusive} runs` : 'a program of yours ran'
      return {
        paused,
        reason: `${subject}, which you want the machine for; ${end}`,
        reading: exclusive === null ? UNKNOWN : exclusive === '' ? 'none runs' : `${exclusive} runs`,
        limit: `none of ${names.join(', ')}`,
      }
    },
  }
}
