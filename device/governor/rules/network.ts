/** Networks that cost money. */
import { Latch } from '../latch.ts'
import type { GovernorPolicy } from '../policy.ts'
import { type Rule, UNKNOWN } from '../rule.ts'
import { bytes, duration } from '../words.ts'

export function meteredRule({ meteredInterfaces, loadWindowMs }: GovernorPolicy): Rule {
  const latch = new Latch({ holdMs: 0, clearMs: loadWindowMs })
  return {
    name: 'metered',
    stopsRunning: false,
    judge({ network = null }, { monotonicMs }) {
      const isMetered = network !== null && meteredInterfaces.some(pattern => matches(network, pattern))
      const paused = latch.judge(isMetered ? 'bad' : 'good', monotonicMs)
      const subject = isMetered ? `the way to the internet is ${network}` : 'the way to the internet was one'
      const end = `work begins again ${duration(loadWindowMs)} after it is another`
      return {
        paused,
        reason: `${subject}, which costs you money; ${end}`,
        reading: network === null ? UNKNOWN : network === '' ? 'no way to the internet' : network,
        limit: `not ${meteredInterfaces.join(', ')}`,
      }
    },
  }
}

export function trafficRule(bytesMax: number): Rule {
  return {
    name: 'traffic',
    stopsRunning: false,
    judge({ traffic = null }) {
      const reading = traffic === null ? UNKNOWN : bytes(traffic.bytes)
      const limit = `below ${bytes(bytesMax)} a month`
      const reason = `this machine has moved ${reading} of the ${bytes(bytesMax)} of this month; work begins next month`
      return { paused: traffic !== null && traffic.bytes >= bytesMax, reason, reading, limit }
    },
  }
}

/** A pattern is a name, or the beginning of one with a star. */
function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
