/** The quality rules of a campaign: the quantity's own, with what the submitter changes. */
import { inside, readInteger, readNumber, readObject, refuse } from '../jobs/read.ts'
import { DEFAULT_RULES, NO_RULES, type QualityRules } from '../quality/index.ts'

const CHECKS = ['range', 'jump', 'constant', 'twin', 'buddy', 'spatial'] as const satisfies (keyof QualityRules)[]
type Check = (typeof CHECKS)[number]

/** Farther than any neighbour is worth asking. */
const RADIUS_M_MAX = 1_000_000
/** What is looked back at is a day. */
const MINUTES_MAX = 1_440

/** How one field of a check is read. `null` in place of a default makes the field required. */
interface Field {
  readonly read: (value: unknown, path: string) => number
  /** May be null, and is so when it is left out and has no default. */
  readonly optional?: true
}

const number: Field = { read: (value, path) => readNumber(value, path) }
const positive: Field = { read: (value, path) => readNumber(value, path, 0, 1e12) }
const optional: Field = { read: number.read, optional: true }
const spread: Field = { read: (value, path) => readNumber(value, path, 1e-6, 1e12) }
const whole = (min: number, max: number): Field => ({ read: (value, path) => readInteger(value, path, min, max) })

const among: Readonly<Record<string, Field>> = {
  radiusM: whole(1, RADIUS_M_MAX),
  perMetre: { read: (value, path) => readNumber(value, path, -1e6, 1e6) },
  threshold: { read: (value, path) => readNumber(value, path, 1, 1_000) },
  spreadMin: spread,
}

const FIELDS: Readonly<Record<Check, Readonly<Record<string, Field>>>> = {
  range: { min: number, max: number, maxPerSecond: optional },
  jump: { perMinute: positive, max: positive },
  constant: { minutes: whole(1, MINUTES_MAX), tolerance: positive, exemptAbove: optional, exemptBelow: optional },
  twin: { absolute: positive, ratio: positive },
  buddy: { neighboursMin: whole(2, 32), elevationDifferenceMaxM: whole(0, 9_500), ...among },
  spatial: { neighboursMin: whole(2, 32), ...among },
}

/**
 * The complete rules: each check that is left out is the quantity's, each field that is left out too, and a check that is null is not made.
 * @throws {ConfigError} with the path of the first wrong field
 */
export function parseQuality(value: unknown, quantity: string): QualityRules {
  const defaults = DEFAULT_RULES.get(quantity) ?? NO_RULES
  if (value === undefined) return defaults
  const changes = readObject(value, 'quality', CHECKS)
  const checked = CHECKS.map(check => [check, parseCheck(check, changes[check], defaults[check])] as const)
  // Each check was read with the fields of its own form.
  const rules = Object.fromEntries(checked) as unknown as QualityRules
  checkSense(rules)
  return rules
}

function parseCheck(check: Check, value: unknown, defaults: QualityRules[Check]): QualityRules[Check] {
  if (value === undefined) return defaults
  if (value === null) return null
  const path = `quality.${check}`
  const fields = FIELDS[check]
  const changes = readObject(value, path, Object.keys(fields))
  const before = (defaults ?? {}) as Readonly<Record<string, number | null>>
  const read = Object.entries(fields).map(([name, field]) => {
    const given = changes[name] === undefined ? before[name] : changes[name]
    if (field.optional === true && (given === undefined || given === null)) return [name, null]
    return [name, field.read(given, inside(path, name))]
  })
  return Object.fromEntries(read) as unknown as QualityRules[Check]
}

function checkSense({ range, jump, constant }: QualityRules): void {
  if (range !== null && range.min > range.max) {
    refuse('quality.range.min', `must not be above quality.range.max, which is ${range.max}, and it is ${range.min}`)
  }
  if (jump !== null && jump.perMinute > jump.max) {
    const { perMinute, max } = jump
    refuse('quality.jump.max', `must not be below quality.jump.perMinute, which is ${perMinute}, and it is ${max}`)
  }
  if (constant === null || constant.exemptAbove === null || constant.exemptBelow === null) return
  if (constant.exemptAbove <= constant.exemptBelow) {
    refuse(
      'quality.constant.exemptAbove',
      `must be above quality.constant.exemptBelow, or nothing is looked at; write "constant": null to switch the check off`,
    )
  }
}
