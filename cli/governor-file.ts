/** The owner's rules, a YAML or JSON file beside the device, checked before the device starts. */
import { dirname, resolve } from 'node:path'
import { type ConditionPolicy, type Demand, GovernorPolicy, type TopicAddress } from '../device/governor/index.ts'
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

const GOVERNOR_FILE: YamlFileKind = {
  what: 'governor',
  code: 'bad_option',
  bytesMax: 65_536,
  tooLarge: 'at most 65536 are read',
}

const SHARE: Form = { words: 'a share such as 0.5 or 50%', read: readShare }
const PERCENT: Form = { words: 'a percentage such as 40 or 40%', read: readPercent }
const BYTES: Form = { words: 'an amount of data such as 500 MB or 10 GB', read: readBytes }
const NO_WAIT: Form = { words: `0s or ${DURATION.words}`, read: value => (value === '0s' ? 0 : DURATION.read(value)) }
const CHOICE: Form = {
  words: "'pause' or 'work'",
  read: value => (value === 'pause' || value === 'work' ? value : null),
}
const PLAIN: Form = {
  words: 'a text, a number, true or false',
  read: value => (['string', 'number', 'boolean'].includes(typeof value) ? String(value) : null),
}

const POLICY: Fields = {
  temperatureMax: ['temperatureMaxC', NUMBER],
  temperatureHysteresis: ['temperatureHysteresisC', NUMBER],
  recovery: ['recoveryMs', NO_WAIT],
  loadMax: ['loadMax', SHARE],
  loadWindow: ['loadWindowMs', DURATION],
  idle: ['idleMs', NO_WAIT],
  cpuShare: ['cpuShare', SHARE],
  hours: ['hours', TEXTS],
  meteredInterfaces: ['meteredInterfaces', TEXTS],
  monthlyTrafficMax: ['monthlyTrafficMaxBytes', BYTES],
  onBattery: ['onBattery', CHOICE],
  chargeMin: ['chargeMinPercent', PERCENT],
  exclusive: ['exclusive', TEXTS],
}
const CONDITION: Fields = {
  name: ['name', TEXT],
  field: ['field', TEXT],
  for: ['forMs', NO_WAIT],
  maxAge: ['maxAgeMs', DURATION],
  whenUnknown: ['whenUnknown', CHOICE],
}
const SOURCE: Fields = { file: ['file', TEXT], mqtt: ['mqtt', { words: 'an address', read: value => value }] }
const TOPIC: Fields = {
  url: ['url', TEXT],
  topic: ['topic', TEXT],
  username: ['username', TEXT],
  password: ['password', TEXT],
}
const DEMAND: Fields = {
  atLeast: ['atLeast', NUMBER],
  atMost: ['atMost', NUMBER],
  equals: ['equals', PLAIN],
  resumeAt: ['resumeAt', NUMBER],
}
const CONDITION_NAMES = [CONDITION, SOURCE, DEMAND].flatMap(fields => Object.keys(fields))

/**
 * Reads and checks a governor file. Relative paths in it start at its folder.
 * @throws {ConfigError} `bad_option` naming file, line and setting; `not_found`
 */
export async function readGovernorFile(path: string): Promise<GovernorPolicy> {
  const folder = dirname(resolve(path))
  return readYamlFile(path, GOVERNOR_FILE, value => checkGovernor(value, folder))
}

/**
 * The rules in a governor file's value.
 * @param folder - where relative paths in it start
 * @throws {ConfigError} `bad_option` naming the setting
 */
export function checkGovernor(value: unknown, folder: string): GovernorPolicy {
  const { conditions = [], ...rest } = recordOf(value ?? {}, '')
  if (!Array.isArray(conditions)) refuse('conditions', 'must be a list')
  const partial = readFields(rest, POLICY, '', ['conditions']) as Partial<GovernorPolicy>
  return GovernorPolicy({ ...partial, conditions: conditions.map((entry, i) => conditionOf(entry, i, folder)) })
}

function conditionOf(entry: unknown, index: number, folder: string): ConditionPolicy {
  const at = `conditions[${index}]`
  const written = recordOf(entry, at)
  const pick = (fields: Fields) =>
    Object.fromEntries(Object.entries(written).filter(([name]) => Object.hasOwn(fields, name)))
  const unknown = Object.fromEntries(Object.entries(written).filter(([name]) => !CONDITION_NAMES.includes(name)))
  readFields(unknown, {}, `${at}.`, CONDITION_NAMES)
  const about = readFields(pick(CONDITION), CONDITION, `${at}.`, [])
  if (about.name === undefined) refuse(`${at}.name`, 'is missing')
  const { file, mqtt } = readFields(pick(SOURCE), SOURCE, `${at}.`, [])
  if ((file === undefined) === (mqtt === undefined)) refuse(at, "needs either 'file' or 'mqtt'")
  const source = file === undefined ? { mqtt: topicOf(mqtt, `${at}.mqtt`) } : { file: resolve(folder, String(file)) }
  const demand = demandOf(readFields(pick(DEMAND), DEMAND, `${at}.`, []), at)
  return { ...about, source, demand } as ConditionPolicy
}

function topicOf(value: unknown, at: string): TopicAddress {
  const address = readFields(recordOf(value, at), TOPIC, `${at}.`, [])
  for (const name of ['url', 'topic']) if (address[name] === undefined) refuse(`${at}.${name}`, 'is missing')
  return address as unknown as TopicAddress
}

function demandOf(demand: Record<string, unknown>, at: string): Demand {
  const kinds = ['atLeast', 'atMost', 'equals'].filter(name => name in demand)
  if (kinds.length !== 1) refuse(at, "needs one of 'atLeast', 'atMost' and 'equals'")
  if (kinds[0] === 'equals' && 'resumeAt' in demand) refuse(`${at}.resumeAt`, "goes with 'atLeast' or 'atMost'")
  return demand as unknown as Demand
}

function readShare(value: unknown): number | null {
  if (typeof value === 'number') return value
  const percent = typeof value === 'string' && value.trim().endsWith('%') ? readPercent(value) : null
  return percent === null ? null : percent / 100
}

function readPercent(value: unknown): number | null {
  if (typeof value === 'number') return value
  const [, digits] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim())) || []
  return digits === undefined ? null : Number(digits)
}

function readBytes(value: unknown): number | null {
  const [, digits, unit = ''] = (typeof value === 'string' && /^(\d+(?:\.\d+)?)\s*([MGT]B)$/.exec(value.trim())) || []
  const unitBytes = { MB: 1e6, GB: 1e9, TB: 1e12 }[unit]
  return digits === undefined || unitBytes === undefined ? null : Number(digits) * unitBytes
}
