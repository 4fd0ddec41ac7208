/** A campaign written down in a YAML or JSON file, checked before anything is sent. */
import {
  CAMPAIGN_FIELDS,
  type CampaignSpec,
  ConfigError,
  LIMITS,
  parseCampaignSpec,
  parseCredits,
} from '../protocol/index.ts'
import { closest } from '../protocol/jobs/suggest.ts'
import { parseTime } from './campaign-time.ts'
import { parseDuration } from './duration.ts'
import { readYamlFile, type YamlFileKind } from './yaml-file/yaml-file.ts'

const CAMPAIGN_FILE: YamlFileKind = {
  what: 'campaign',
  code: 'bad_campaign',
  bytesMax: LIMITS.submitBytesMax,
  tooLarge: `at most ${LIMITS.submitBytesMax} are read`,
}

type Fields = Record<string, unknown>

/** A campaign file, read and checked. */
export interface CampaignFile {
  /** What is sent: the fields of docs/campaigns.md, as the coordinator reads them. */
  readonly specification: Fields
  /** What the coordinator will make of it. */
  readonly spec: CampaignSpec
}

/** What people rather write, the field that it stands for, and how it is read. A reader returns null for another form. */
const CONVENIENCES: Readonly<
  Record<string, readonly [field: string, form: string, read: (value: unknown) => unknown]>
> = {
  ...durations(['period', 'window', 'sample', 'duration', 'lateness', 'correction', 'relocationHold']),
  start: ['startMs', 'a time such as 2026-06-01T10:00:00Z', value => attempt(() => parseTime('start', String(value)))],
  price: ['priceMicro', 'an amount of credits such as 0.0002', readCredits],
  priceMax: ['priceMaxMicro', 'an amount of credits such as 0.0002', readCredits],
  budget: ['budgetMicro', 'an amount of credits such as 25', readCredits],
}

/**
 * Reads and checks a campaign file. Besides the fields of a campaign it may have `period`, `window`, `sample`, `duration`, `lateness`,
 * `correction` and `relocationHold` such as `15m`, `start` as a date and time, `price` and `budget` in credits.
 * @param budgetMicro - instead of what the file says; null to leave it
 * @throws {ConfigError} `bad_campaign` naming file, line and field; `not_found`
 */
export async function readCampaignFile(path: string, budgetMicro: string | null = null): Promise<CampaignFile> {
  return readYamlFile(path, CAMPAIGN_FILE, value => {
    const fields = fieldsOf(value)
    try {
      const specification = { ...withoutConveniences(fields), ...(budgetMicro === null ? {} : { budgetMicro }) }
      // A price that is left out is the region's, which nobody knows here.
      return { specification, spec: parseCampaignSpec(specification, () => 0n) }
    } catch (error) {
      throw inItsWords(error, fields)
    }
  })
}

function durations(names: readonly string[]): typeof CONVENIENCES {
  const form = 'a duration such as 30s, 15m, 24h or 7d'
  const read = (value: unknown): unknown => (typeof value === 'string' ? parseDuration(value) : null)
  return Object.fromEntries(names.map(name => [name, [`${name}Ms`, form, read] as const]))
}

function readCredits(value: unknown): string | null {
  const micro = attempt(() => parseCredits(typeof value === 'number' ? plainNumber(value) : String(value)))
  return micro === null ? null : String(micro)
}

/** YAML reads 0.0000002 as a number that JavaScript writes with an exponent. */
function plainNumber(value: number): string {
  return value > 0 && value < 1e-6 ? value.toFixed(20) : String(value)
}

function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

function withoutConveniences(fields: Fields): Fields {
  const plain: Fields = {}
  for (const [name, value] of Object.entries(fields)) {
    const convenience = Object.hasOwn(CONVENIENCES, name) ? CONVENIENCES[name] : undefined
    if (convenience === undefined) {
      plain[known(name)] = value
      continue
    }
    const [field, form, read] = convenience
    if (fields[field] !== undefined) refuse(name, `stands in place of ${field}: leave one of them out`)
    const meant = read(value)
    if (meant === null) refuse(name, `must be ${form}, not ${JSON.stringify(value)}`)
    plain[field] = meant
  }
  // A `ref` ties an answer over MQTT to its submission; here the answer comes back directly.
  const { ref: _ref, ...rest } = plain
  return rest
}

/** A field of a campaign; one that is misspelt is refused in the words of files. */
function known(name: string): string {
  const fields: readonly string[] = [...CAMPAIGN_FIELDS, 'ref']
  if (fields.includes(name)) return name
  const near = closest(name, [...Object.keys(CONVENIENCES), ...fields])
  refuse(name.slice(0, 64), near === null ? 'is not a known field' : `is not a known field; did you mean '${near}'?`)
}

function refuse(path: string, reason: string): never {
  throw new ConfigError(
    { code: 'bad_campaign', path, reason },
    `The campaign's '${path}' ${reason}${reason.endsWith('?') ? '' : '.'}`,
  )
}

function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) parseCampaignSpec(value)
  return value as Fields
}

/** The same fault in the words of the file. */
function inItsWords(error: unknown, fields: Fields): unknown {
  if (!(error instanceof ConfigError) || error.info.code !== 'bad_campaign') return error
  const { info } = error
  const written = Object.keys(CONVENIENCES).find(
    name => CONVENIENCES[name]?.[0] === info.path && Object.hasOwn(fields, name),
  )
  if (written === undefined) return error
  const message = error.message.replace(`'${info.path}'`, `'${written}'`)
  return new ConfigError({ ...info, path: written }, message, { cause: error })
}
