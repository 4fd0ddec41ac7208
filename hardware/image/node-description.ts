/** A node description: one YAML file that says what a card is to be, checked before anything is written. */
import { ConfigError } from '../../protocol/index.ts'
import type { NodeDescription } from './customise/types.ts'
import { readHostname, readUser } from './node-description/account.ts'
import { readBelonging } from './node-description/belonging.ts'
import { type Fields, maybe, readBoolean, readLine, readObject, refuse } from './node-description/fields.ts'
import { readInstall } from './node-description/install.ts'
import { readCountry, readKeymap, readLocale, readTimezone } from './node-description/places.ts'
import { readSensing } from './node-description/sensing.ts'
import { readWifi } from './node-description/wifi.ts'
import { ownersYaml, readYaml } from './yaml.ts'

const TEXT_LENGTH_MAX = 1_048_576
const LABEL_BYTES_MAX = 64
const FIELDS = [
  'hostname',
  'label',
  'claim',
  'region',
  'coordinator',
  'user',
  'ssh',
  'wifi',
  'country',
  'timezone',
  'keymap',
  'locale',
  'sensors',
  'interfaces',
  'overlays',
  'governor',
  'install',
]

/** Checks that other rooms make. */
export interface DescriptionChecks {
  /** Refuses the owner's rules that a device would refuse. @throws {ConfigError} */
  governor?(value: unknown): void
}

/**
 * Reads and checks a node description.
 * @param text - YAML or JSON; docs/flashing-formats.md lists its fields
 * @param source - the file it is from, for sentences
 * @throws {ConfigError} `bad_option` with the path of the field; never with a secret in its message
 */
export function readNodeDescription(text: string, source: string, checks: DescriptionChecks = {}): NodeDescription {
  try {
    if (text.length > TEXT_LENGTH_MAX) refuse('', `is longer than ${TEXT_LENGTH_MAX} characters`)
    return describe(readObject(readYaml(text, source), '', FIELDS), checks)
  } catch (thrown) {
    if (!(thrown instanceof ConfigError) || thrown.message.startsWith(source)) throw thrown
    throw new ConfigError(thrown.info, `${source}: ${thrown.message}`, { cause: thrown })
  }
}

function describe(fields: Fields, checks: DescriptionChecks): NodeDescription {
  const { country } = maybe(fields, '', 'country', readCountry)
  const { user } = maybe(fields, '', 'user', readUser)
  const ssh = fields.ssh === undefined ? (user?.authorizedKeys.length ?? 0) > 0 : readBoolean(fields.ssh, 'ssh')
  if (ssh && user === undefined) refuse('user', "is missing: 'ssh: true' needs somebody who can log in")
  if (ssh && user?.passwordHash === undefined && user?.authorizedKeys.length === 0) {
    refuse('user.authorizedKeys', "is missing: 'ssh: true' needs a key, or a 'passwordHash'")
  }
  return {
    hostname: readHostname(fields.hostname, 'hostname'),
    ...maybe(fields, '', 'label', (value, path) => readLine(value, path, LABEL_BYTES_MAX)),
    ...(user === undefined ? {} : { user }),
    ssh,
    ...maybe(fields, '', 'wifi', (value, path) => readWifi(value, path, country)),
    ...(country === undefined ? {} : { country }),
    ...maybe(fields, '', 'timezone', readTimezone),
    ...maybe(fields, '', 'keymap', readKeymap),
    ...maybe(fields, '', 'locale', readLocale),
    ...readSensing(fields),
    ...maybe(fields, '', 'governor', value => readGovernor(value, checks)),
    ...readBelonging(fields),
    install: readInstall(fields.install),
  }
}

function readGovernor(value: unknown, checks: DescriptionChecks): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('governor', 'must hold settings')
  checks.governor?.(value)
  return ownersYaml(value)
}
