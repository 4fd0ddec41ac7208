/** Frames, their profiles and the sensors in them: devices have signed or named them, so the rows can be checked by themselves. */
import {
  type DeviceId,
  decodeProfile,
  decodeReading,
  frameAad,
  messageOf,
  openSign1,
  type Profile,
  profileIdOf,
  type ReadingFrame,
  type RegionId,
  sensorIdOf,
} from '../../protocol/index.ts'
import { compareRow } from './compare.ts'
import type { Row } from './open.ts'
import type { Profiles } from './profiles.ts'
import { expectNone, type RowScene } from './row-scene.ts'

const FRAMES =
  'SELECT f.id, f.seq, f.profile, f.device, f.from_ms, f.to_ms, f.frame, d.id AS device_id, p.id AS profile_id FROM frame f ' +
  'LEFT JOIN device d ON d.no = f.device LEFT JOIN profile p ON p.no = f.profile ORDER BY f.id'
const SERIES = 'SELECT profile, device, span_max_ms FROM frame_series'
const CHANNELS = 'SELECT position, sensor, quantity FROM profile_channel WHERE profile = ? ORDER BY position'
const UNFIT_PLACES =
  'SELECT d.id FROM place p LEFT JOIN device d ON d.no = p.device WHERE abs(p.latitude_micro_deg) > 90000000 ' +
  'OR abs(p.longitude_micro_deg) > 180000000 OR p.indoor NOT IN (0, 1) OR d.id IS NULL'

/** Compares everything that devices have sent about what they measure. */
export function compareFrames(scene: RowScene, profiles: Profiles): void {
  compareProfiles(scene)
  compareSensors(scene)
  compareSpans(scene, compareEach(scene, profiles))
  expectNone(scene, 'row.place', UNFIT_PLACES, ({ id }) => `The device ${id} stands where nobody can stand.`)
}

function compareProfiles({ db, problems }: RowScene): void {
  for (const { no, id, bytes } of db.each('SELECT no, id, bytes FROM profile')) {
    const name = `The profile ${id}`
    let profile: Profile
    try {
      profile = decodeProfile(bytes as Uint8Array)
    } catch (error) {
      problems.add('row.profile', null, `${name} cannot be read: ${messageOf(error)}`)
      continue
    }
    if (profileIdOf(bytes as Uint8Array) !== id) problems.add('row.profile', null, `${name} is not the one of its id.`)
    const channels = db.all(CHANNELS, no as bigint)
    for (const [position, { sensor, quantity }] of profile.channels.entries()) {
      const expected = { position: BigInt(position), sensor, quantity }
      compareRow(
        problems,
        'row.profile',
        `The channel ${position} of profile ${id}`,
        null,
        expected,
        channels[position],
      )
    }
    if (channels.length > profile.channels.length) problems.add('row.profile', null, `${name} has too many channels.`)
  }
}

function compareSensors({ db, problems }: RowScene): void {
  for (const { id, model, serial } of db.each('SELECT id, model, serial FROM sensor')) {
    const expected = sensorIdOf(String(model), String(serial))
    if (id === expected) continue
    problems.add('row.sensor', null, `The sensor ${id} is of the model and serial of ${expected}.`)
  }
}

/** @returns the longest time that a frame of each profile and device covers */
function compareEach(scene: RowScene, profiles: Profiles): Map<string, bigint> {
  const spans = new Map<string, bigint>()
  let last = 0n
  for (const row of scene.db.each(FRAMES)) {
    const id = row.id as bigint
    if (id !== last + 1n) scene.problems.add('row.frame', null, `The frame with the number before ${id} is not there.`)
    last = id
    compareFrame(scene, profiles, row)
    const key = `${row.profile}/${row.device}`
    const span = (row.to_ms as bigint) - (row.from_ms as bigint)
    if (span > (spans.get(key) ?? -1n)) spans.set(key, span)
  }
  return spans
}

function compareFrame({ replay, problems }: RowScene, profiles: Profiles, row: Row): void {
  const name = `The frame ${row.id}`
  const device = replay.devices.find(String(row.device_id))
  const profile = profiles.find(row.profile as bigint)
  const { regionId } = replay
  if (device === undefined || profile === null || regionId === null) {
    problems.add('row.frame', null, `${name} is of no device of the log, or of no profile that can be read.`)
    return
  }
  const aad = aadOf(regionId, row.device_id as DeviceId)
  let frame: ReadingFrame
  try {
    const payload = openSign1(row.frame as Uint8Array, aad, device.publicKey, replay.verifier)
    frame = decodeReading(payload, profile)
  } catch (error) {
    problems.add('row.frame', null, `${name} of device ${row.device_id} is not what it signed: ${messageOf(error)}`)
    return
  }
  compareRow(problems, 'row.frame', name, null, fieldsOf(frame, profile), row)
}

const aadOf = (regionId: RegionId, device: DeviceId): Uint8Array =>
  frameAad({ regionId, direction: 'up', device, class: 'reading' })

/** What a row says of its frame: the time that it covers includes its gaps. */
function fieldsOf({ seq, profile: profile_id, fromMs, count, gaps }: ReadingFrame, { periodMs }: Profile): Row {
  const from = Math.min(fromMs, ...gaps.map(gap => gap.fromMs))
  const to = Math.max(fromMs + count * periodMs, ...gaps.map(gap => gap.toMs))
  return { seq: BigInt(seq), profile_id, from_ms: BigInt(from), to_ms: BigInt(to) }
}

function compareSpans({ db, problems }: RowScene, spans: Map<string, bigint>): void {
  for (const { profile, device, span_max_ms } of db.each(SERIES)) {
    const key = `${profile}/${device}`
    const span = spans.get(key)
    spans.delete(key)
    if (span === span_max_ms) continue
    const found = span === undefined ? 'there are none' : `the longest covers ${span}`
    problems.add('row.frame', null, `Frames of the series ${key} are said to cover ${span_max_ms} ms, and ${found}.`)
  }
  for (const key of spans.keys()) problems.add('row.frame', null, `The series ${key} of frames is not listed.`)
}
