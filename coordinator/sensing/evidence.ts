/**
 * Gathers what the verdicts of one window rest on, from frames as they were received. The same frames up to the same number give the
 * same evidence, now and whenever somebody asks again.
 */
import {
  type CampaignSpec,
  type DeviceId,
  decodeReading,
  type Flags,
  flag,
  historyMsOf,
  type Location,
  type Neighbour,
  type Point,
  type Profile,
  type ProfileId,
  peekSign1,
  type ReadingFrame,
  type SensorId,
  type SeriesInput,
  toUnit,
} from '../../protocol/index.ts'
import type { FrameRow, Store } from '../store/rows.ts'
import { offsetM } from './geography.ts'

/** A reading this far ahead of the moment it was received has a wrong clock. */
const FUTURE_TOLERANCE_MS = 60_000

/** A sensor whose readings are judged, and where it stood. */
export interface Member {
  readonly sensor: SensorId
  readonly device: DeviceId
  readonly place: Location
  readonly cell: string
  /** It is announced by two devices of one owner. */
  readonly copied: boolean
}

/** Which window of which campaign, looked at with which frames. */
export interface Question {
  readonly spec: CampaignSpec
  readonly windowMs: number
  /** Frames up to this id. */
  readonly frameMax: number
  /** Frames above this id came late; equal to `frameMax` the first time. */
  readonly frameFirst: number
  readonly members: readonly Member[]
}

/** A reading as it was sent, beside what the checks see of it. */
export interface Taken {
  readonly atMs: number
  /** Null where there was none. */
  readonly scaled: number | null
  readonly exponent: number
  /** What its frame alone says against it. */
  readonly flags: Flags
}

/** One member's part of the evidence. */
export interface Series {
  readonly member: Member
  readonly taken: readonly Taken[]
  readonly input: SeriesInput
}

export interface EvidencePorts {
  frames: Store['frames']
  /** A profile that a stored frame names. */
  profileOf(id: ProfileId): Profile
}

/** The evidence of a window, its members by ascending sensor. Yields after each sensor, so that a long window can be gathered by and by. */
export function* gatherEvidence(ports: EvidencePorts, question: Question): Generator<void, Series[]> {
  const members = [...question.members].sort((a, b) => (a.sensor < b.sensor ? -1 : 1))
  const taken: Taken[][] = []
  for (const member of members) {
    taken.push(readingsOf(ports, question, member))
    yield
  }
  return members.map((member, index) => {
    const all = taken[index] ?? []
    const { spec, windowMs } = question
    const inWindow = all.filter(({ atMs }) => atMs >= windowMs)
    const twins = members.flatMap((other, at) =>
      other.device === member.device && other !== member
        ? [{ id: other.sensor, points: pointsOf((taken[at] ?? []).filter(({ atMs }) => atMs >= windowMs)) }]
        : [],
    )
    const input = {
      quantity: spec.quantity,
      rules: spec.quality,
      periodMs: spec.periodMs,
      points: pointsOf(inWindow),
      history: pointsOf(all.filter(({ atMs }) => atMs < windowMs)),
      twins,
    }
    return { member, taken: inWindow, input }
  })
}

/** Neighbours beyond these say nothing that the nearer ones do not. */
const NEIGHBOURS_MAX = 20

/** The nearest others that a member may be compared with: outdoors with outdoors, never another sensor of the same device. */
export function neighboursOf(self: Series, all: readonly Series[], accepted: (series: Series) => Point[]): Neighbour[] {
  const { place, device } = self.member
  return (
    all
      // Who sent nothing takes no place, since a recomputation would not know of it.
      .filter(
        ({ member, taken }) => taken.length > 0 && member.device !== device && member.place.indoor === place.indoor,
      )
      .map(series => ({ series, offset: offsetM(place, series.member.place) }))
      .sort(
        (a, b) => squareOf(a.offset) - squareOf(b.offset) || (a.series.member.sensor < b.series.member.sensor ? -1 : 1),
      )
      .slice(0, NEIGHBOURS_MAX)
      .map(({ series, offset }) => ({
        id: series.member.sensor,
        ...offset,
        elevationM: series.member.place.elevationM,
        points: accepted(series),
      }))
  )
}

const squareOf = ({ eastM, northM }: { eastM: number; northM: number }): number => eastM * eastM + northM * northM

function readingsOf(ports: EvidencePorts, question: Question, { sensor, device, copied }: Member): Taken[] {
  const { spec, windowMs, frameMax, frameFirst } = question
  const fromMs = windowMs - historyMsOf(spec.quality, spec.periodMs)
  const toMs = windowMs + spec.windowMs
  const found = new Map<number, Taken & { id: number }>()
  for (const row of ports.frames({ sensor, quantity: spec.quantity, device, fromMs, toMs, idMax: frameMax })) {
    const profile = ports.profileOf(row.profile)
    const frame = openFrame(row, profile)
    const flags = frameFlags(frame, spec) | (row.id > frameFirst ? flag('late') : 0)
    for (const reading of channelReadings(frame, profile, sensor, spec.quantity)) {
      const { atMs } = reading
      if (atMs < fromMs || atMs >= toMs) continue
      const before = found.get(atMs)
      // What was said first about a moment stands.
      if (before !== undefined && before.id < row.id) continue
      const ahead = atMs > row.receivedAtMs + FUTURE_TOLERANCE_MS ? flag('future') : 0
      const twice = copied ? flag('duplicate_sensor') : 0
      found.set(atMs, { ...reading, flags: flags | ahead | twice, id: row.id })
    }
  }
  return [...found.values()].sort((a, b) => a.atMs - b.atMs).map(({ id: _, ...taken }) => taken)
}

/** The readings of a stored frame. It was checked when it was received. */
export function openFrame(row: FrameRow, profile: Profile): ReadingFrame {
  return decodeReading(peekSign1(row.frame).payload, profile)
}

function frameFlags({ uncertaintyMs }: ReadingFrame, { windowMs }: CampaignSpec): Flags {
  return uncertaintyMs > windowMs / 2 ? flag('untimed') : 0
}

/** One channel of a frame: of a statistics profile, its means. */
export function channelReadings(
  frame: ReadingFrame,
  profile: Profile,
  sensor: SensorId,
  quantity: string,
): { atMs: number; scaled: number | null; exponent: number }[] {
  const index = profile.channels.findIndex(channel => channel.sensor === sensor && channel.quantity === quantity)
  const channel = profile.channels[index]
  const column = frame.columns[profile.kind === 'statistics' ? index * 4 : index]
  if (channel === undefined || column === undefined) return []
  return Array.from(column, (value, i) => ({
    atMs: frame.fromMs + i * profile.periodMs,
    scaled: Number.isNaN(value) ? null : value,
    exponent: channel.exponent,
  }))
}

function pointsOf(taken: readonly Taken[]): Point[] {
  return taken.map(({ atMs, scaled, exponent }) => ({ atMs, value: scaled === null ? null : toUnit(scaled, exponent) }))
}
