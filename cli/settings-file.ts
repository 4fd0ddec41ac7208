/** The operator's settings of a region, a YAML or JSON file, checked before the coordinator starts. */
import type { RegionPolicy } from '../coordinator/config.ts'
import type { PayoutSettings } from '../coordinator/payout/config.ts'
import { ConfigError, parseCredits } from '../protocol/index.ts'
import { closest } from '../protocol/jobs/suggest.ts'
import { parseDuration } from './duration.ts'
import { readYamlFile, type YamlFileKind } from './yaml-file/yaml-file.ts'

/** What the file says; the rest has defaults. */
export interface RegionSettings {
  readonly policy: Partial<RegionPolicy>
  readonly payout?: PayoutSettings
}

const SETTINGS_FILE: YamlFileKind = {
  what: 'settings',
  code: 'bad_option',
  bytesMax: 65_536,
  tooLarge: 'at most 65536 are read',
}

/** How a value is written, and how it is read; null for another form. */
interface Form {
  readonly words: string
  read(value: unknown): unknown
}

const CREDITS: Form = { words: 'an amount of credits such as 0.01', read: readCredits }
const DURATION: Form = {
  words: 'a duration such as 30s, 15m, 24h or 7d',
  read: value => (typeof value === 'string' ? parseDuration(value) : null),
}
const NUMBER: Form = { words: 'a number', read: value => (typeof value === 'number' ? value : null) }
const TEXT: Form = { words: 'a text', read: value => (typeof value === 'string' ? value : null) }
const TEXTS: Form = {
  words: 'a list of texts',
  read: value => (Array.isArray(value) && value.every(item => typeof item === 'string') ? value : null),
}
const WHOLE: Form = {
  words: 'a whole number above 0, as a text when it has more than 15 digits',
  read: value =>
    /^[1-9]\d{0,18}$/.test(typeof value === 'string' ? value : wholeText(value)) ? BigInt(value as number) : null,
}

type Fields = Readonly<Record<string, readonly [field: string, form: Form]>>

const POLICY: Fields = {
  gigafuelPrice: ['gigafuelPriceMicro', CREDITS],
  feeBasisPoints: ['feeBasisPoints', NUMBER],
  holdbackWindow: ['holdbackWindowMs', DURATION],
  epoch: ['epochMs', DURATION],
  targetUtilisation: ['targetUtilisation', NUMBER],
  priceStepMax: ['priceStepMax', NUMBER],
  ownerShareMax: ['ownerShareMax', NUMBER],
  saboteurShare: ['saboteurShare', NUMBER],
  checkpoint: ['checkpointMs', DURATION],
  receipt: ['receiptMs', DURATION],
  disputeDeposit: ['disputeDepositMicro', CREDITS],
  bindingDelay: ['bindingDelayMs', DURATION],
}
const PAYOUT: Fields = {
  method: ['method', TEXT],
  minimum: ['minimumMicro', CREDITS],
  fee: ['feeMicro', CREDITS],
  confirm: ['confirmMs', DURATION],
}
const CHAIN: Fields = {
  chainId: ['chainId', NUMBER],
  contract: ['contract', TEXT],
  signers: ['signers', TEXTS],
  threshold: ['threshold', NUMBER],
}
const SCALE: Fields = { baseUnits: ['baseUnits', WHOLE], micro: ['micro', WHOLE] }

/**
 * Reads a settings file.
 * @throws {ConfigError} `bad_option` naming file, line and field; `not_found`
 */
export async function readSettingsFile(path: string): Promise<RegionSettings> {
  return readYamlFile(path, SETTINGS_FILE, value => {
    const { payout, ...policy } = recordOf(value, '')
    const settings = { policy: read(policy, POLICY, '', ['payout']) as Partial<RegionPolicy> }
    return payout === undefined ? settings : { ...settings, payout: payoutOf(payout) }
  })
}

function payoutOf(value: unknown): PayoutSettings {
  const { chain, ...rest } = recordOf(value, 'payout')
  const settings = read(rest, PAYOUT, 'payout.', ['chain']) as PayoutSettings
  if (chain === undefined) return settings
  const at = 'payout.chain.'
  const { creditScale, ...written } = recordOf(chain, 'payout.chain')
  const terms = read(written, CHAIN, at, ['creditScale'])
  for (const name of ['chainId', 'contract', 'signers']) if (!(name in terms)) refuse(`${at}${name}`, 'is missing')
  if (creditScale !== undefined)
    terms.creditScale = read(recordOf(creditScale, `${at}creditScale`), SCALE, `${at}creditScale.`, [])
  return { ...settings, chain: terms as unknown as NonNullable<PayoutSettings['chain']> }
}

/** @param more - names that are read elsewhere, for suggestions */
function read(
  values: Readonly<Record<string, unknown>>,
  fields: Fields,
  at: string,
  more: readonly string[],
): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (known === undefined) {
      const near = closest(name, [...Object.keys(fields), ...more])
      refuse(
        `${at}${name}`,
        near === null ? 'is not a known setting' : `is not a known setting; did you mean '${near}'?`,
      )
    }
    const [field, form] = known
    const meant = form.read(value)
    if (meant === null) refuse(`${at}${name}`, `must be ${form.words}, not ${JSON.stringify(value)}`)
    settings[field] = meant
  }
  return settings
}

function recordOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  return refuse(path, 'must be a list of settings, each with its name')
}

/** Numbers that a double does not hold exactly have lost digits already. */
function wholeText(value: unknown): string {
  return Number.isSafeInteger(value) ? String(value) : ''
}

function readCredits(value: unknown): bigint | null {
  try {
    return parseCredits(String(value))
  } catch {
    return null
  }
}

function refuse(path: string, reason: string): never {
  const subject = path === '' ? 'The file' : `The setting '${path}'`
  throw new ConfigError({ code: 'bad_option', path, reason }, `${subject} ${reason}${reason.endsWith('?') ? '' : '.'}`)
}
