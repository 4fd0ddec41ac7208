import { describe, expect, it } from 'vitest'
import { Recorder } from '../../../../device/sampling/recorder.ts'
import { Series } from '../../../../device/sampling/series.ts'
import type { Moment } from '../../../../device/store/index.ts'
import { type GapCause, type Profile, sensorIdOf } from '../../../../protocol/index.ts'
import { TEMPERATURE } from './sampling-world.ts'

const PROFILE: Profile = {
  periodMs: 10,
  kind: 'sample',
  channels: [{ sensor: sensorIdOf('counter', 'c1'), ...TEMPERATURE, calibration: null }],
}
const at = (ms: number, boot = 0): Moment => ({ boot, ms })

function recording(init: { end?: Moment; interrupted?: GapCause; recorded?: boolean; perFrame?: number } = {}) {
  const series = new Series(PROFILE, init.perFrame ?? 100, init.end ?? null)
  const recorder = new Recorder(series, {
    profile: PROFILE,
    phaseMs: 0,
    recorded: init.recorded ?? false,
    interrupted: init.interrupted ?? null,
    distanceMs: (from, to) => (from.boot === to.boot ? to.ms - from.ms : null),
  })
  const add = (moment: Moment, value = moment.ms) =>
    recorder.add({ at: moment, uncertaintyMs: 0, values: [value], faults: [null] })
  /** Values of each block, and whether it is complete. */
  const blocks = () => series.pending().writes.map(({ block, closes }) => [[...(block?.columns[0] ?? [])], closes])
  return { series, recorder, add, blocks, gaps: () => series.pending().gaps }
}

describe('readings in memory', () => {
  it('are one block while they follow each other', () => {
    const { add, blocks, gaps } = recording()
    for (const ms of [0, 10, 20]) add(at(ms))
    expect(blocks()).toEqual([[[0, 10, 20], false]])
    expect(gaps()).toEqual([])
  })

  it('are complete when the frame is full', () => {
    const { series, add, blocks } = recording({ perFrame: 2 })
    for (const ms of [0, 10, 20]) add(at(ms))
    expect(blocks()).toEqual([
      [[0, 10], true],
      [[20], false],
    ])
    series.committed()
    expect(series.openCount).toBe(1)
    add(at(30))
    expect(blocks()).toEqual([[[30], true]])
  })

  it('complete a frame that is on disk already', () => {
    const { series, add, blocks } = recording()
    add(at(0))
    series.committed()
    series.close()
    expect(blocks()).toEqual([[[], true]])
  })

  it('hold places for a few that were missed', () => {
    const { add, blocks } = recording()
    add(at(0))
    add(at(30))
    expect(blocks()).toEqual([[[0, Number.NaN, Number.NaN, 30], false]])
  })

  it('are complete before a long stretch that was missed, which is a gap', () => {
    const { add, blocks, gaps } = recording()
    add(at(0))
    add(at(10_000))
    expect(blocks()).toEqual([
      [[0], true],
      [[10_000], false],
    ])
    expect(gaps()).toEqual([{ from: at(10), to: at(10_000), cause: 'paused' }])
  })

  it('have no gap where a sensor that records by itself recorded nothing', () => {
    const { add, blocks, gaps } = recording({ recorded: true })
    add(at(0))
    add(at(10_000))
    expect(blocks()).toHaveLength(2)
    expect(gaps()).toEqual([])
  })

  it.each([
    ['went on at once', at(50), []],
    ['came back later', at(80), [{ from: at(50), to: at(80), cause: 'restart' }]],
    ['came back by another clock', at(3, 2), [{ from: at(50), to: at(3, 2), cause: 'restart' }]],
    ['came back when the clock was put back', at(20), []],
  ])('of a device that %s say what is missing', (_, first, gaps) => {
    const recorded = recording({ end: at(50), interrupted: 'restart' })
    recorded.add(first)
    recorded.add({ ...first, ms: first.ms + 10 })
    expect(recorded.gaps()).toEqual(gaps)
    expect(recorded.blocks()).toHaveLength(1)
  })

  it('of a stream that ends before anything more was sampled say so too', () => {
    const { recorder, gaps } = recording({ end: at(50), interrupted: 'restart' })
    recorder.end(at(90))
    expect(gaps()).toEqual([{ from: at(50), to: at(90), cause: 'restart' }])
  })

  it('are given up oldest first, and told of, when they find no room', () => {
    const { series, add, gaps } = recording({ perFrame: 3 })
    for (let ms = 0; ms < 90; ms += 10) add(at(ms))
    series.dropOldest()
    series.dropOldest()
    expect(series.buffered).toBe(3)
    expect(gaps()).toEqual([{ from: at(0), to: at(60), cause: 'disk' }])
  })
})
