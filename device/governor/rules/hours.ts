/** The hours of the week that the owner leaves to work. */
import { isWithin, nextStart, parseHours } from '../hours.ts'
import type { GovernorPolicy } from '../policy.ts'
import type { Rule } from '../rule.ts'
import { clockTime } from '../words.ts'

/** A list that is longer would leave no room for when work begins. */
const SHOWN_MAX = 80

export function hoursRule({ hours }: GovernorPolicy): Rule {
  const windows = hours.flatMap(text => parseHours(text) ?? [])
  const limit = hours.join(', ')
  const shown = limit.length <= SHOWN_MAX ? limit : `${hours.length} windows`
  return {
    name: 'hours',
    stopsRunning: false,
    judge(_, { local }) {
      if (local === null) {
        const reason =
          "this machine's clock is not set yet, so the hours you set cannot be kept; work begins when it is"
        return { paused: true, reason, reading: 'the clock is not set', limit }
      }
      const paused = !isWithin(windows, local)
      const reason = `it is outside the hours you set (${shown}); work begins ${nextStart(windows, local)}`
      return { paused, reason, reading: clockTime(local.minute), limit }
    },
  }
}
