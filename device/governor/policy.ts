/** What an owner lets a device do; each setting with range, default and unit. */
import { ConfigError } from '../../protocol/errors.ts'
import { type ConditionPolicy, checkCondition } from './condition-policy.ts'
import { HOURS_FORM, parseHours } from './hours.ts'

export interface GovernorPolicy {
  /** Work stops when the main chip is this hot. 40..110 °C, default 80: there a Raspberry Pi begins to lower its clock. */
  readonly temperatureMaxC: number
  /** How far it must cool before work begins again. 1..40 °C, default 8. */
  readonly temperatureHysteresisC: number
  /** How long heat, power supply and battery must be well again before work begins. 0..86 400 000 ms, default 300 000. */
  readonly recoveryMs: number
  /** Share of all processors that other programs may use while work goes on. 0.01..1, or null (the default): any. */
  readonly loadMax: number | null
  /** Over how long that share is averaged, and how long it must be low again. 5 000..600 000 ms, default 20 000. */
  readonly loadWindowMs: number
  /** Work begins only after the share was at most `loadMax` for so long. 0..86 400 000 ms, default 0: `loadWindowMs`. */
  readonly idleMs: number
  /** Share of all processors that work may use in the long run. 0.01..1, default 1. */
  readonly cpuShare: number
  /** When work may go on, by this machine's time zone: {@link parseHours}. At most 64; empty (the default): always. */
  readonly hours: readonly string[]
  /** Interfaces that cost money, such as `wwan0` or `ppp*`: no work while the default route goes there. At most 16, default none. */
  readonly meteredInterfaces: readonly string[]
  /** Traffic of this machine in a calendar month after which work waits for the next. 1 MB..1 PB, or null (the default): any. */
  readonly monthlyTrafficMaxBytes: number | null
  /** Whether work goes on while the machine runs on its battery. Default `work`. */
  readonly onBattery: 'work' | 'pause'
  /** Charge of the battery below which there is no work, even while it charges. 1..100 %, or null (the default): any. */
  readonly chargeMinPercent: number | null
  /** Programs beside which there is no work, by their names. At most 64, default none. */
  readonly exclusive: readonly string[]
  /** What files and MQTT topics must say. At most 16, default none. */
  readonly conditions: readonly ConditionPolicy[]
}

const DEFAULTS: GovernorPolicy = {
  temperatureMaxC: 80,
  temperatureHysteresisC: 8,
  recoveryMs: 300_000,
  loadMax: null,
  loadWindowMs: 20_000,
  idleMs: 0,
  cpuShare: 1,
  hours: [],
  meteredInterfaces: [],
  monthlyTrafficMaxBytes: null,
  onBattery: 'work',
  chargeMinPercent: null,
  exclusive: [],
  conditions: [],
}

const DAY_MS = 86_400_000
/** Names of settings are the owner's, as they stand in a file: without their units. */
type Bounds = readonly [name: string, min: number, max: number, unit: string]
const BOUNDS = {
  temperatureMaxC: ['temperatureMax', 40, 110, ' °C'],
  temperatureHysteresisC: ['temperatureHysteresis', 1, 40, ' °C'],
  recoveryMs: ['recovery', 0, DAY_MS, ' ms'],
  loadMax: ['loadMax', 0.01, 1, ''],
  loadWindowMs: ['loadWindow', 5_000, 600_000, ' ms'],
  idleMs: ['idle', 0, DAY_MS, ' ms'],
  cpuShare: ['cpuShare', 0.01, 1, ''],
  monthlyTrafficMaxBytes: ['monthlyTrafficMax', 1e6, 1e15, ' bytes'],
  chargeMinPercent: ['chargeMin', 1, 100, ' %'],
} as const satisfies Partial<Record<keyof GovernorPolicy, Bounds>>
const LISTS = { hours: 64, meteredInterfaces: 16, exclusive: 64 } as const
const CONDITIONS_MAX = 16
const NAME_LENGTH_MAX = 64

/**
 * Fills in defaults and checks ranges.
 * @throws {ConfigError} `bad_option` with the path of the setting as it is written in a file, `conditions[0].atLeast`
 */
export function GovernorPolicy(partial: Partial<GovernorPolicy> = {}): GovernorPolicy {
  const policy = { ...DEFAULTS, ...partial }
  for (const [key, [name, min, max, unit]] of Object.entries(BOUNDS)) {
    const value = policy[key as keyof typeof BOUNDS]
    if (value !== null && !(value >= min && value <= max))
      refuse(name, `is ${value}${unit}: it must be ${min} to ${max}${unit}`)
  }
  for (const [key, entriesMax] of Object.entries(LISTS)) checkNames(key, policy[key as keyof typeof LISTS], entriesMax)
  policy.hours.forEach((text, i) => {
    if (parseHours(text) === null) refuse(`hours[${i}]`, `is '${text}': it must be ${HOURS_FORM}`)
  })
  if (policy.idleMs > 0 && policy.loadMax === null)
    refuse('idle', "needs 'loadMax', the share of the processors below which other programs count as idle")
  checkConditions(policy.conditions)
  return policy
}

function checkNames(key: string, names: readonly string[], entriesMax: number): void {
  if (names.length > entriesMax) refuse(key, `has ${names.length} entries: at most ${entriesMax} are allowed`)
  names.forEach((name, i) => {
    if (name.trim() === '' || name.length > NAME_LENGTH_MAX)
      refuse(`${key}[${i}]`, `must have 1 to ${NAME_LENGTH_MAX} characters`)
  })
}

function checkConditions(conditions: readonly ConditionPolicy[]): void {
  if (conditions.length > CONDITIONS_MAX)
    refuse('conditions', `has ${conditions.length} entries: at most ${CONDITIONS_MAX} are allowed`)
  conditions.forEach((condition, i) => {
    const fault = checkCondition(condition)
    if (fault !== null) refuse(`conditions[${i}].${fault.field}`, fault.reason)
    if (conditions.findIndex(({ name }) => name === condition.name) < i)
      refuse(`conditions[${i}].name`, `is '${condition.name}', as that of another condition: give each its own`)
  })
}

function refuse(path: string, reason: string): never {
  throw new ConfigError({ code: 'bad_option', path, reason }, `The setting '${path}' ${reason}.`)
}
