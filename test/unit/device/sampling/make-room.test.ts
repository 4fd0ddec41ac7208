import { describe, expect, it } from 'vitest'
import { type Block, decodeBlock, encodeBlock } from '../../../../device/sampling/block.ts'
import { makeRoom, valuesOf } from '../../../../device/sampling/make-room.ts'
import { Profiles } from '../../../../device/sampling/profiles.ts'
import { openDeviceStore } from '../../../../device/store/index.ts'
import { decodeReadingHead, type Profile, sensorIdOf } from '../../../../protocol/index.ts'
import { TEMPERATURE } from './sampling-world.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS

function kept(periodMs: number) {
  const store = openDeviceStore(':memory:')
  const { samples } = store
  const profiles = new Profiles(samples)
  const profile: Profile = {
    periodMs,
    kind: 'sample',
    channels: [{ sensor: sensorIdOf('counter', 'c1'), ...TEMPERATURE, calibration: null }],
  }
  const id = profiles.keep(profile)
  let next = 0
  /** Adds a complete row of so many readings that follow the last. */
  const add = (count: number, stream = 'live', boot = 0) => {
    const columns = [Float64Array.from({ length: count }, (_, i) => next + i)]
    const block: Block = { boot, fromMs: next * periodMs, uncertaintyMs: 0, count, columns, faults: [] }
    next += count
    for (const { body } of encodeBlock(block, profile, id)) {
      samples.add({ stream, origin: id, profile: id, level: 0, boot, readings: valuesOf(block), body }, true)
    }
  }
  const room = (quotaBytes: number) => store.commit(() => makeRoom({ samples, profiles }, quotaBytes))
  const rows = () => samples.closed(1_000).map(row => ({ ...row, head: decodeReadingHead(row.body) }))
  return { samples, profiles, add, room, rows, id }
}

describe('makeRoom', () => {
  it('leaves alone what has room', () => {
    const { add, room, rows, samples } = kept(MINUTE_MS)
    for (let i = 0; i < 10; i++) add(20)
    room(samples.bytes)
    expect(rows().every(({ level }) => level === 0)).toBe(true)
    expect(samples.gapProfiles()).toEqual([])
  })

  it('thins the oldest, in their place, and tells of it', () => {
    const { add, room, rows, samples, id } = kept(MINUTE_MS)
    for (let i = 0; i < 10; i++) add(20)
    const [first] = rows()
    room(samples.bytes - 1)
    const [thinned, ...rest] = rows()
    expect(thinned).toMatchObject({ id: first?.id, level: 1, origin: id, head: { fromMs: 0 } })
    expect(rest.every(({ level, profile }) => level === 0 && profile === id)).toBe(true)
    const thinnedTo = (thinned?.head.count ?? 0) * 15 * MINUTE_MS
    expect(rest[0]?.head.fromMs).toBe(thinnedTo)
    expect(samples.gaps(id)).toMatchObject([
      { from: { boot: 0, ms: 0 }, to: { boot: 0, ms: thinnedTo }, cause: 'thinned' },
    ])
  })

  it('joins the gaps of what is thinned bit by bit', () => {
    const { add, room, samples, id } = kept(MINUTE_MS)
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 10; i++) add(20)
      room(3_000)
      expect(samples.bytes).toBeLessThanOrEqual(3_000)
    }
    expect(samples.gaps(id)).toMatchObject([{ from: { ms: 0 }, cause: 'thinned' }])
  })

  it('thins evenly: the oldest most, the newest least', () => {
    const { add, room, rows } = kept(MINUTE_MS)
    for (let i = 0; i < 2_000; i++) {
      add(6)
      room(3_000)
    }
    const levels = rows().map(({ level }) => level)
    expect(levels).toEqual([...levels].sort((a, b) => b - a))
    expect(new Set(levels).size).toBeGreaterThan(2)
    const times = rows().map(({ head }) => head.fromMs)
    expect(times).toEqual([...times].sort((a, b) => a - b))
  })

  it('drops the oldest that cannot be thinned, and tells of it', () => {
    const { add, room, rows, samples, id } = kept(DAY_MS)
    for (let i = 0; i < 100; i++) add(1)
    room(5_000)
    expect(samples.bytes).toBeLessThanOrEqual(5_000)
    const left = rows()
    expect(left.length).toBeGreaterThan(40)
    const to = { boot: 0, ms: (100 - left.length) * DAY_MS }
    expect(samples.gaps(id)).toMatchObject([{ from: { boot: 0, ms: 0 }, to, cause: 'quota' }])
  })

  it('does not take readings of different clocks together', () => {
    const { samples, profiles, add, room, rows } = kept(MINUTE_MS)
    for (let i = 0; i < 30; i++) add(20, 'live', 1 + (i % 2))
    room(samples.bytes / 2)
    const readings = [0, 0, 0]
    for (const { body, boot, level, profile } of rows()) {
      const { columns, count } = decodeBlock(body, boot, profiles.get(profile))
      readings[boot] =
        (readings[boot] ?? 0) + (level === 0 ? count : [...(columns[3] ?? [])].reduce((a, b) => a + b, 0))
    }
    expect(rows().some(({ level }) => level > 0)).toBe(true)
    expect(readings).toEqual([0, 300, 300])
  })

  it('gives up everything complete rather than more than it may have', () => {
    const { add, room, rows, samples, id } = kept(MINUTE_MS)
    add(20)
    room(0)
    expect(rows()).toEqual([])
    expect(samples.gaps(id)).toMatchObject([{ from: { ms: 0 }, to: { ms: 20 * MINUTE_MS }, cause: 'quota' }])
  })
})
