/** A device on virtual time, between a scripted region and a fake runner. */
import {
  chooseMembership,
  createDevice,
  type DeviceEvents,
  type DeviceInit,
  type DeviceStore,
  identityOf,
  memoryReceipts,
  openDeviceStore,
  type Readings,
  type ReceiptStore,
} from '../../../device/index.ts'
import { METERING_VERSION, seededRandom } from '../../../protocol/index.ts'
import { nodeSigner, nodeVerifier } from '../../../protocol/node/index.ts'
import { settle, VirtualClock } from '../virtual-clock.ts'
import { FakeBlobs, FakeRunner, keepLog } from './fake-parts.ts'
import { MODULE, MODULE_BYTES } from './leases.ts'
import { ScriptedLink } from './scripted-link.ts'
import { type RegionInit, ScriptedRegion } from './scripted-region.ts'

export interface DeviceWorldInit extends RegionInit {
  readonly runs?: 'held' | 'echo'
  /** A store that an earlier device has used. */
  readonly store?: DeviceStore
  /** Where receipts are kept; in memory when left out. */
  readonly receipts?: ReceiptStore
  /** False: start without a claim. */
  readonly claim?: boolean
  readonly device?: Partial<DeviceInit>
}

export function deviceWorld(init: DeviceWorldInit = {}) {
  const clock = new VirtualClock()
  const link = new ScriptedLink()
  const region = new ScriptedRegion(init)
  const store = init.store ?? openDeviceStore(':memory:')
  const identity = identityOf(nodeSigner(seededRandom('device').bytes(32)))
  const blobs = new FakeBlobs()
  blobs.supply(MODULE, MODULE_BYTES)
  const runner = new FakeRunner(init.runs ?? 'echo')
  const { log, events: logged } = keepLog()
  const receipts = init.receipts ?? memoryReceipts()
  const health: { now: Readings } = { now: { socTemperatureMilliC: 50_000, underVoltage: false, throttled: false } }
  region.send = (_, name, frame) => link.last.downlink(name, frame)
  link.onConnect = target => void region.connect(target.password)
  link.onUplink = (end, name, frame) => region.receive(end.target.device, name, frame)
  const membership = chooseMembership(store.enrolment(), init.claim === false ? null : region.claim, '/state')
  const device = createDevice(
    {
      clock,
      random: seededRandom('jitter'),
      link,
      store,
      identity,
      verifier: nodeVerifier(),
      blobs: () => blobs,
      createRunner: async () => runner,
      readHealth: () => health.now,
      receipts,
      log,
    },
    {
      membership,
      label: 'attic',
      machine: {
        software: 'hedgerow/test',
        arch: 'arm64',
        cores: 4,
        memoryMiB: 1_024,
        abis: ['wasi', 'reactor'],
        metering: [METERING_VERSION],
      },
      slots: 1,
      creditLeases: 4,
      memoryBounds: '',
      ...init.device,
    },
  )
  const states: string[] = []
  device.on('state', ({ state }) => states.push(state))
  const standings: DeviceEvents['standing'][] = []
  device.on('standing', event => standings.push(event))
  return {
    clock,
    link,
    region,
    store,
    receipts,
    blobs,
    runner,
    logged,
    health,
    device,
    id: identity.id,
    states,
    standings,
    /** Starts, and lets everything that needs no waiting happen. */
    async join() {
      device.start()
      await settle()
    },
  }
}
