/** What the owner's own measurements say: solar power, a tariff, a switch. */
import { CONDITION_FOR_MS, type ConditionPolicy, type Demand } from '../condition-policy.ts'
import { type Condition, Latch } from '../latch.ts'
import type { ConditionReading } from '../readings.ts'
import type { Rule } from '../rule.ts'
import { duration } from '../words.ts'

const NONE: ConditionReading = { text: null, ageMs: null, fault: 'it has yet to be heard' }
/** Of a text from elsewhere, this much is shown. */
const SHOWN_MAX = 32

export function conditionRule(policy: ConditionPolicy): Rule {
  const { name, demand, forMs = CONDITION_FOR_MS, whenUnknown = 'pause' } = policy
  const latch = new Latch({ holdMs: forMs, clearMs: forMs })
  const limit = demandWords(demand)
  return {
    name: `condition ${name}`,
    stopsRunning: false,
    judge({ conditions }, { monotonicMs }) {
      const { value, fault } = knownValue(policy, conditions?.get(name) ?? NONE)
      const condition = value === null ? (whenUnknown === 'pause' ? 'bad' : 'good') : compare(value, demand)
      const paused = latch.judge(condition, monotonicMs)
      const reading = value === null ? `unknown: ${fault}` : value.slice(0, SHOWN_MAX)
      const subject = value === null ? `'${name}' is unknown, since ${fault}` : `'${name}' is ${reading}`
      const end = `work begins after ${duration(forMs)} of ${resumeWords(demand)}`
      return { paused, reason: `${subject} (you ask for ${limit}); ${end}`, reading, limit }
    },
  }
}

function knownValue(
  { demand, maxAgeMs = Number.POSITIVE_INFINITY }: ConditionPolicy,
  { text, ageMs, fault }: ConditionReading,
): { readonly value: string | null; readonly fault: string } {
  if (text === null) return { value: null, fault }
  if (ageMs !== null && ageMs > maxAgeMs)
    return { value: null, fault: `its last value is older than ${duration(maxAgeMs)}` }
  if (!('equals' in demand) && !isNumber(text))
    return { value: null, fault: `it says '${text.slice(0, SHOWN_MAX)}', which is no number` }
  return { value: text, fault: '' }
}

function compare(text: string, demand: Demand): Condition {
  if ('equals' in demand) return text === demand.equals ? 'good' : 'bad'
  // Both directions are "at least" with the signs turned over.
  const [sign, bound] = 'atLeast' in demand ? ([1, demand.atLeast] as const) : ([-1, demand.atMost] as const)
  const value = sign * Number(text)
  if (value < sign * bound) return 'bad'
  return value >= sign * (demand.resumeAt ?? bound) ? 'good' : 'between'
}

function isNumber(text: string): boolean {
  return text !== '' && Number.isFinite(Number(text))
}

function demandWords(demand: Demand): string {
  if ('equals' in demand) return `'${demand.equals}'`
  return 'atLeast' in demand ? `at least ${demand.atLeast}` : `at most ${demand.atMost}`
}

function resumeWords(demand: Demand): string {
  if ('equals' in demand || demand.resumeAt === undefined) return demandWords(demand)
  return 'atLeast' in demand ? `at least ${demand.resumeAt}` : `at most ${demand.resumeAt}`
}
