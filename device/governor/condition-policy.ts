/** One condition of the owner's: what a file or an MQTT topic must say for work to go on. */

import { ConfigError } from '../../protocol/errors.ts'
import { parseMqttAddress } from '../link/mqtt-address.ts'

/** A topic on a broker of the owner's. */
export interface TopicAddress {
  /** `mqtt://host[:port]` or `mqtts://host[:port]` */
  readonly url: string
  /** Without wildcards. */
  readonly topic: string
  readonly username?: string
  readonly password?: string
}

/** What a value must be. */
export type Demand =
  /** Work pauses when the number is on the other side of the bound, and begins again when it has reached `resumeAt`. */
  | { readonly atLeast: number; readonly resumeAt?: number }
  | { readonly atMost: number; readonly resumeAt?: number }
  /** The text, as it is written: `cheap`, `ON`, `true`, `1`. */
  | { readonly equals: string }

export interface ConditionPolicy {
  /** What the owner calls it, 1..32 characters. */
  readonly name: string
  readonly source: { readonly file: string } | { readonly mqtt: TopicAddress }
  /** Where the value is in JSON, such as `power.watts` or `phases.0`; left out for a plain value. At most 128 characters. */
  readonly field?: string
  readonly demand: Demand
  /** How long the value must be bad before work pauses, and good before it begins again. 0..86 400 000 ms, default 60 000. */
  readonly forMs?: number
  /** Older values count as none. 1 000..7 days, default any age. Age is a file's, or the time since a message came. */
  readonly maxAgeMs?: number
  /** What to do without a value. Default `pause`. */
  readonly whenUnknown?: 'pause' | 'work'
}

/** {@link ConditionPolicy.forMs} where it is left out. */
export const CONDITION_FOR_MS = 60_000

const NAME_MAX = 32
const FIELD_MAX = 128
const DAY_MS = 86_400_000

/** What is wrong with a condition: which field, and the end of a sentence about it. Null when nothing is. */
export function checkCondition(condition: ConditionPolicy): { field: string; reason: string } | null {
  const { name, source, field = '', forMs = 0, maxAgeMs = DAY_MS } = condition
  if (name.trim() === '' || name.length > NAME_MAX)
    return { field: 'name', reason: `must have 1 to ${NAME_MAX} characters` }
  if (field.length > FIELD_MAX) return { field: 'field', reason: `must have at most ${FIELD_MAX} characters` }
  if (!(forMs >= 0 && forMs <= DAY_MS)) return { field: 'for', reason: `is ${forMs} ms: it must be 0 to ${DAY_MS} ms` }
  if (!(maxAgeMs >= 1_000 && maxAgeMs <= 7 * DAY_MS))
    return { field: 'maxAge', reason: `is ${maxAgeMs} ms: it must be 1000 to ${7 * DAY_MS} ms` }
  return checkSource(source) ?? checkDemand(condition.demand)
}

function checkSource(source: ConditionPolicy['source']): { field: string; reason: string } | null {
  if ('file' in source) return source.file === '' ? { field: 'file', reason: 'is empty' } : null
  const { url, topic } = source.mqtt
  try {
    parseMqttAddress(url)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    return { field: 'mqtt.url', reason: 'must have the form mqtt://host:port or mqtts://host:port' }
  }
  if (topic === '' || /[+#\0]/.test(topic) || topic.length > 1_024)
    return { field: 'mqtt.topic', reason: 'must be one topic, without + and #' }
  return null
}

function checkDemand(demand: Demand): { field: string; reason: string } | null {
  if ('equals' in demand) return null
  const [field, bound] =
    'atLeast' in demand ? (['atLeast', demand.atLeast] as const) : (['atMost', demand.atMost] as const)
  if (!Number.isFinite(bound)) return { field, reason: 'must be a number' }
  const { resumeAt = bound } = demand
  const side = field === 'atLeast' ? resumeAt >= bound : resumeAt <= bound
  return side ? null : { field: 'resumeAt', reason: `must be ${field === 'atLeast' ? 'at least' : 'at most'} ${bound}` }
}
