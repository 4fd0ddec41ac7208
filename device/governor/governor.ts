/** Whether work may go on now, by the owner's rules. Pure but for the rules' own memory. */
import { clipText, LIMITS, utf8 } from '../../protocol/index.ts'
import { GovernorPolicy } from './policy.ts'
import type { Moment, Readings } from './readings.ts'
import type { Finding, Rule } from './rule.ts'
import { batteryRule, chargeRule } from './rules/battery.ts'
import { temperatureRule, throttledRule, underVoltageRule } from './rules/board.ts'
import { conditionRule } from './rules/condition.ts'
import { exclusiveRule } from './rules/exclusive.ts'
import { hoursRule } from './rules/hours.ts'
import { loadRule } from './rules/load.ts'
import { meteredRule, trafficRule } from './rules/network.ts'

/** What one rule says now. */
export interface Verdict extends Finding {
  readonly rule: string
}

export class Governor {
  readonly #rules: readonly Rule[]
  #verdicts: readonly Verdict[] = []
  #stopsRunning = false

  constructor(policy: GovernorPolicy = GovernorPolicy()) {
    this.#rules = rulesOf(policy)
  }

  /** Every rule's verdict of the last look; none before the first. */
  get verdicts(): readonly Verdict[] {
    return this.#verdicts
  }

  /** Names of the rules that pause work; empty when it may go on. It stays the same while only the numbers in the reason change. */
  get cause(): string {
    return this.#pausing.map(({ rule }) => rule).join(', ')
  }

  /** Why there is no work now and when it begins again, at most {@link LIMITS}.reasonBytesMax bytes; empty when there may be. */
  get reason(): string {
    const reasons = this.#pausing.map(({ reason }) => reason)
    for (let said = reasons.length; said > 0; said--) {
      const left = reasons.length - said
      // What does not fit is left to `hedgerow device governor`.
      const rest = left === 0 ? '' : `. Also, ${left} more of your rules`
      const text = `${reasons.slice(0, said).join('. Also, ')}${rest}`
      if (utf8(text).length <= LIMITS.reasonBytesMax) return text
    }
    return clipText(reasons[0] ?? '', LIMITS.reasonBytesMax)
  }

  /** Whether work that runs must stop, too. */
  get stopsRunning(): boolean {
    return this.#stopsRunning
  }

  /** Judges readings; each look must be later than the one before. @returns whether work may go on */
  judge(readings: Readings, now: Moment): boolean {
    const findings = this.#rules.map(rule => ({ rule, finding: rule.judge(readings, now) }))
    this.#verdicts = findings.map(({ rule: { name }, finding }) => ({ rule: name, ...finding }))
    this.#stopsRunning = findings.some(({ rule, finding }) => finding.paused && rule.stopsRunning)
    return this.#pausing.length === 0
  }

  get #pausing(): readonly Verdict[] {
    return this.#verdicts.filter(({ paused }) => paused)
  }
}

function rulesOf(policy: GovernorPolicy): Rule[] {
  const { loadMax, hours, meteredInterfaces, monthlyTrafficMaxBytes, onBattery, chargeMinPercent, exclusive } = policy
  return [
    temperatureRule(policy),
    underVoltageRule(policy),
    throttledRule(policy),
    ...(exclusive.length > 0 ? [exclusiveRule(policy)] : []),
    ...(hours.length > 0 ? [hoursRule(policy)] : []),
    ...(loadMax === null ? [] : [loadRule(policy, loadMax)]),
    ...(onBattery === 'pause' ? [batteryRule(policy)] : []),
    ...(chargeMinPercent === null ? [] : [chargeRule(policy, chargeMinPercent)]),
    ...(meteredInterfaces.length > 0 ? [meteredRule(policy)] : []),
    ...(monthlyTrafficMaxBytes === null ? [] : [trafficRule(monthlyTrafficMaxBytes)]),
    ...policy.conditions.map(conditionRule),
  ]
}
