/** The options of everything that starts a coordinator. */
import { join, resolve } from 'node:path'
import type { CoordinatorOptions } from '../coordinator/index.ts'
import { parseCredits, regionName } from '../protocol/index.ts'
import type { Invocation } from './command.ts'
import { dashboardPath } from './dashboard-path.ts'
import { readSettingsFile } from './settings-file.ts'
import { coordinatorFolder, stateFolder } from './state.ts'
import { TLS_OPTIONS, tlsOptions } from './tls-options.ts'

/** Name, addresses and prices of a region. */
export const REGION_OPTIONS = {
  region: { type: 'text', value: 'NAME', default: 'home', describe: "the region's name, kept from the first start on" },
  host: {
    type: 'text',
    value: 'ADDRESS',
    default: '127.0.0.1',
    describe: 'where to listen; 0.0.0.0 for every network',
  },
  'public-host': {
    type: 'text',
    value: 'NAME',
    describe: 'the address that devices are told; the one above when left out',
  },
  port: {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 65_535,
    describe: 'for MQTT; 1883 when left out, 0 for a free one',
  },
  'http-port': {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 65_535,
    describe: 'for HTTP; 8717 when left out, 0 for a free one',
  },
  'gigafuel-price': {
    type: 'text',
    value: 'CREDITS',
    describe: 'what 10^9 fuel cost, about a second of a Raspberry Pi; 0.01 when left out',
  },
  fee: {
    type: 'integer',
    value: 'N',
    min: 0,
    max: 5_000,
    describe: "the region's fee in hundredths of a percent; 500 when left out",
  },
  settings: {
    type: 'text',
    value: 'FILE',
    describe: 'what else the region goes by, such as epochs, holdback and payouts; a YAML file, see docs/settlement.md',
  },
  ...TLS_OPTIONS,
  releases: { type: 'text', value: 'DIR', describe: 'the folder of releases that devices update from' },
  'open-data': {
    type: 'flag',
    describe: 'show readings to everybody, by OGC SensorThings at /v1.1 and its MQTT topics',
  },
  'home-assistant': { type: 'flag', describe: 'tell Home Assistants of sensors and their newest readings by MQTT' },
} as const

type RegionInvocation = Pick<Invocation<typeof REGION_OPTIONS>, 'options' | 'io'>

/** What the options say, for `startCoordinator`. */
export async function coordinatorOptions({
  options,
  io,
}: RegionInvocation): Promise<Omit<CoordinatorOptions, 'onFatal'>> {
  const { port, 'http-port': httpPort, 'public-host': publicHost, 'gigafuel-price': gigafuelPrice, fee } = options
  const settings = options.settings === undefined ? null : await readSettingsFile(resolve(io.cwd, options.settings))
  const dashboardDir = dashboardPath(io.entry)
  const tls = tlsOptions('coordinator', { options, io })
  return {
    stateDir: coordinatorFolder(stateFolder(io, options.state)),
    name: regionName(options.region),
    host: options.host,
    ...(publicHost === undefined ? {} : { publicHost }),
    ...(port === undefined ? {} : { mqttPort: port }),
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(dashboardDir === null ? {} : { dashboardDir }),
    ...(tls === undefined ? {} : { tls }),
    ...(options.releases === undefined ? {} : { releasesDir: resolve(io.cwd, options.releases) }),
    ...(options['open-data'] ? { openData: true } : {}),
    ...(options['home-assistant'] ? { homeAssistant: true } : {}),
    ...(settings?.payout === undefined ? {} : { payout: settings.payout }),
    policy: {
      ...settings?.policy,
      ...(gigafuelPrice === undefined ? {} : { gigafuelPriceMicro: parseCredits(gigafuelPrice) }),
      ...(fee === undefined ? {} : { feeBasisPoints: fee }),
    },
  }
}

/** The file that a coordinator with devices around it logs to. */
export function coordinatorLogFile(stateDir: string): string {
  return join(stateDir, 'coordinator.log')
}
