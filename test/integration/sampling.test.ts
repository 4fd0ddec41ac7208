/** A real device with a synthetic sensor (key file, SQLite, MQTT over TCP, its own clock) against a scripted region. */
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Device, type DeviceEvent, type RunDeviceOptions, runDevice } from '../../device/index.ts'
import type { SensorsFile } from '../../hardware/config.ts'
import {
  type DeviceId,
  decodeProfileMessage,
  decodeReading,
  decodeReadingHead,
  decodeSensors,
  encodePlan,
  encodeProfile,
  frameAad,
  type Profile,
  peekSign1,
  profileIdOf,
  type ReadingFrame,
  regionIdOf,
  type Sensors,
  type Stream,
  seededRandom,
  sign1,
} from '../../protocol/index.ts'
import { nodeSigner } from '../../protocol/node/index.ts'
import { FakeRunner } from '../support/device/fake-parts.ts'
import { type RegionServer, startRegion } from '../support/device/region-server.ts'
import { SANDBOX_SOURCE } from '../support/runners.ts'
import { tempDirs } from '../support/temp-dir.ts'

const newFolder = tempDirs()
const devices: Device[] = []
const SENSORS: SensorsFile = {
  location: { latitudeMicroDeg: 52_500_000, longitudeMicroDeg: 13_400_000, elevationM: 34, indoor: false },
  sensors: [{ driver: 'synthetic', name: 'roof', quantities: ['temperature', 'humidity'], seed: 'roof' }],
}

afterEach(async () => {
  await Promise.all(devices.splice(0).map(device => device.stop()))
})

function start(stateDir: string, options: Partial<RunDeviceOptions>) {
  const logged: DeviceEvent[] = []
  const log = (event: DeviceEvent) => void logged.push(event)
  const wrapRunner = () => new FakeRunner('echo')
  const device = runDevice({ stateDir, sandboxPath: SANDBOX_SOURCE, label: 'roof', log, wrapRunner, ...options })
  devices.push(device)
  return { device, logged }
}

/** Hears what a scripted region does not know of, and acknowledges readings. */
function listen({ region }: RegionServer) {
  const signer = nodeSigner(seededRandom('region').bytes(32))
  const sensors: Sensors[] = []
  const profiles = new Map<string, Profile>()
  const frames = new Map<number, ReadingFrame>()
  const receive = region.receive.bind(region)
  region.receive = (device, name, frame) => {
    receive(device, name, frame)
    const { payload } = peekSign1(frame)
    if (name === 'sensors') sensors.push(decodeSensors(payload))
    if (name === 'profile') {
      const { profile } = decodeProfileMessage(payload)
      profiles.set(profileIdOf(encodeProfile(profile)), profile)
    }
    if (name !== 'reading') return
    const { seq, profile } = decodeReadingHead(payload)
    const known = profiles.get(profile)
    if (known === undefined) return
    frames.set(seq, decodeReading(payload.slice(), known))
    region.ack(device, seq)
  }
  const plan = (device: DeviceId, revision: number, ...streams: Stream[]) => {
    const aad = frameAad({ regionId: regionIdOf(signer.publicKey), direction: 'dn', device, class: 'plan' })
    const payload = encodePlan({ session: region.session(device), revision, streams })
    region.send(device, 'plan', sign1(payload, aad, signer))
  }
  return { sensors, profiles, frames, plan }
}

describe('a device with a sensor', () => {
  it('announces it, follows the plan, and goes on after a restart', async () => {
    await using server = await startRegion()
    const region = listen(server)
    const stateDir = newFolder()
    const { device } = start(stateDir, { claim: server.region.claimCode, sensors: SENSORS })
    await server.until(() => region.sensors.length > 0)
    const [announced] = region.sensors
    const sensor = announced?.sensors[0]
    expect(announced).toMatchObject({ location: SENSORS.location, sensors: [{ model: 'synthetic' }] })
    expect(sensor?.serial).toBe(`${device.id}/roof`)
    if (sensor === undefined) throw new Error('it was announced')
    const channels = [0, 1].map(channel => ({ sensor: sensor.sensor, channel }))
    const stream: Stream = {
      periodMs: 20,
      phaseMs: 5,
      sampleMs: 20,
      readingsPerFrame: 10,
      kind: 'sample',
      channels,
    }
    region.plan(device.id, 1, stream)
    await server.until(() => region.frames.size >= 3)
    await device.stop()
    // The next start knows the plan, and region and sensor by what is on the disk.
    const before = region.frames.size
    start(stateDir, { sensors: SENSORS })
    await server.until(() => region.frames.size >= before + 3)
    const frames = [...region.frames.values()]
    for (const frame of frames) {
      const profile = region.profiles.get(frame.profile)
      expect(profile?.channels.map(({ quantity }) => quantity)).toEqual(['temperature', 'humidity'])
      expect(frame.columns).toHaveLength(2)
    }
    const present = frames.flatMap(({ columns }) => [...(columns[1] ?? [])]).filter(value => !Number.isNaN(value))
    expect(present.length).toBeGreaterThan(10)
    expect(present.every(value => value > 0 && value < 12_000)).toBe(true)
    expect(region.sensors).toHaveLength(2)
  })

  it('says why a sensor cannot be opened, and works all the same', async () => {
    await using server = await startRegion()
    listen(server)
    const sensors: SensorsFile = { location: null, sensors: [{ driver: 'sds011', port: join(newFolder(), 'ttyUSB9') }] }
    const { device } = start(newFolder(), { claim: server.region.claimCode, sensors })
    await server.until(() => server.region.heard.hellos.length > 0)
    const trouble = new Promise<void>(resolve => {
      const look = () => (/sds011/.test(device.explain()) ? resolve() : setImmediate(look))
      look()
    })
    await trouble
    expect(device.explain()).toMatch(/^(Ready|Connect)/)
    expect(device.explain()).toMatch(/ttyUSB9/)
  })
})
