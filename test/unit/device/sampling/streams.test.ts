import { describe, expect, it } from 'vitest'
import { isRecordedKey, type KnownSensor, resolvePlan } from '../../../../device/sampling/streams.ts'
import { type SensorId, type Stream, sensorIdOf } from '../../../../protocol/index.ts'
import { HUMIDITY, streamOf, TEMPERATURE } from './sampling-world.ts'

const [LIVE, OTHER, LOGGER, STRANGER] = ['a', 'b', 'c', 'd'].map(serial => sensorIdOf('counter', serial)) as [
  SensorId,
  SensorId,
  SensorId,
  SensorId,
]
const known = (recorded: boolean): KnownSensor => {
  return { model: 'counter', serial: '', channels: [TEMPERATURE, HUMIDITY], calibrations: [null, null], recorded }
}
const KNOWN = new Map([
  [LIVE, known(false)],
  [OTHER, known(false)],
  [LOGGER, known(true)],
])
const stream = (...channels: [SensorId, number][]): Stream =>
  streamOf(LIVE, { channels: channels.map(([sensor, channel]) => ({ sensor, channel })) })
const resolve = (...streams: Stream[]) => resolvePlan({ streams }, KNOWN)

describe('resolvePlan', () => {
  it('makes a profile of the channels, in their order', () => {
    const { streams, unknown } = resolve(stream([OTHER, 1], [LIVE, 0]))
    expect(streams.map(({ profile }) => profile)).toEqual([
      {
        periodMs: 10_000,
        kind: 'sample',
        channels: [
          { sensor: OTHER, ...HUMIDITY, calibration: null },
          { sensor: LIVE, ...TEMPERATURE, calibration: null },
        ],
      },
    ])
    expect(unknown).toEqual([])
  })

  it('gives each sensor that records by itself a stream of its own', () => {
    const { streams } = resolve(stream([LIVE, 0], [LOGGER, 0], [OTHER, 0], [LOGGER, 1]))
    expect(streams.map(({ recorded, channels }) => [recorded, channels.length])).toEqual([
      [false, 2],
      [true, 2],
    ])
    expect(streams.map(({ key }) => isRecordedKey(key))).toEqual([false, true])
  })

  it('does what it can of a plan that names sensors or channels it does not have', () => {
    const { streams, unknown } = resolve(stream([STRANGER, 0], [LIVE, 0]), stream([LIVE, 2]))
    expect(streams.map(({ channels }) => channels)).toEqual([[{ sensor: LIVE, channel: 0 }]])
    expect(unknown).toEqual([STRANGER, LIVE])
  })

  it('samples the same thing once, in the smaller frames', () => {
    const [small, large] = [{ ...stream([LIVE, 0]), readingsPerFrame: 2 }, stream([LIVE, 0])]
    for (const both of [resolve(small, large), resolve(large, small)]) {
      expect(both.streams.map(({ readingsPerFrame }) => readingsPerFrame)).toEqual([2])
    }
  })

  it('keeps streams of another phase apart', () => {
    expect(resolve(stream([LIVE, 0]), { ...stream([LIVE, 0]), phaseMs: 5 }).streams).toHaveLength(2)
  })
})
