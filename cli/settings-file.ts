/** The operator's settings of a region, a YAML or JSON file, checked before the coordinator starts. */
import type { RegionPolicy } from '../coordinator/config.ts'
import type { PayoutSettings } from '../coordinator/payout/config.ts'
import { parseCredits } from '../protocol/index.ts'
import {
  DURATION,
  type Fields,
  type Form,
  NUMBER,
  readFields,
  recordOf,
  refuse,
  TEXT,
  TEXTS,
} from './settings-fields.ts'
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

const CREDITS: Form = { words: 'an amount of credits such as 0.01', read: readCredits }
const WHOLE: Form = {
  words: 'a whole number above 0, as a text when it has more than 15 digits',
  read: value =>
    /^[1-9]\d{0,18}$/.test(typeof value === 'string' ? value : wholeText(value)) ? BigInt(value as number) : null,
}

const POLICY: Fields = {
  gigafuelPrice: ['gigafuelPriceMicro', CREDITS],
  feeBasisPoints: ['feeBasisPoints', NUMBER],
  holdbackWindow: ['holdbackWindowMs', DURATION],
  epoch: ['epochMs', DURATION],
  targetUtilisation: ['targetUtilisation', NUMBER],
  priceStepMax: ['priceStepMax', NUMBER],
  checkWindow: ['checkWindowMs', DURATION],
  checkShareMax: ['checkShareMax', NUMBER],
  ownerShareMax: ['ownerShareMax', NUMBER],
  saboteurShare: ['saboteurShare', NUMBER],
  checkpoint: ['checkpointMs', DURATION],
  receipt: ['receiptMs', DURATION],
  disputeDeposit: ['disputeDepositMicro', CREDITS],
  recheckMax: ['recheckMicroMax', CREDITS],
  bindingDelay: ['bindingDelayMs', DURATION],
  verifyThreads: ['verifyThreads', NUMBER],
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
    const settings = { policy: readFields(policy, POLICY, '', ['payout']) as Partial<RegionPolicy> }
    return payout === undefined ? settings : { ...settings, payout: payoutOf(payout) }
  })
}

function payoutOf(value: unknown): PayoutSettings {
  const { chain, ...rest } = recordOf(value, 'payout')
  const settings = readFields(rest, PAYOUT, 'payout.', ['chain']) as PayoutSettings
  if (chain === undefined) return settings
  const at = 'payout.chain.'
  const { creditScale, ...written } = recordOf(chain, 'payout.chain')
  const terms = readFields(written, CHAIN, at, ['creditScale'])
  for (const name of ['chainId', 'contract', 'signers']) if (!(name in terms)) refuse(`${at}${name}`, 'is missing')
  if (creditScale !== undefined)
    terms.creditScale = readFields(recordOf(creditScale, `${at}creditScale`), SCALE, `${at}creditScale.`, [])
  return { ...settings, chain: terms as unknown as NonNullable<PayoutSettings['chain']> }
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
