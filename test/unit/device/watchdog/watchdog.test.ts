import { beforeEach, describe, expect, test } from 'vitest'
import type { Connection, LinkHandlers, LinkTarget } from '../../../../device/link/index.ts'
import type { DeviceEvent } from '../../../../device/log.ts'
import { Watchdog } from '../../../../device/watchdog.ts'
import { watchedLink, watchedReader, watchedRunner, watchedSensors } from '../../../../device/watchdog-parts.ts'
import type { RunRequest, RunResult } from '../../../../device/work/index.ts'
import type { Measurement, Sensor } from '../../../../hardware/sensor.ts'
import { VirtualClock } from './virtual-clock.ts'

const MINUTE_MS = 60_000
const TARGET = {} as LinkTarget
const HANDLERS: LinkHandlers = { downlink: () => {}, closed: () => {} }
let clock: VirtualClock
let signs: number[]
let events: DeviceEvent[]
let watchdog: Watchdog

beforeEach(() => {
  clock = new VirtualClock()
  signs = []
  events = []
  const watcher = { everyMs: MINUTE_MS, alive: () => void signs.push(clock.monotonicMs()) }
  watchdog = new Watchdog({ clock, watcher, log: event => void events.push(event) })
  watchdog.start(() => 'well')
})

/** Whether signs of life come while time passes. */
function lives(minutes: number): boolean {
  const before = signs.length
  clock.advance(minutes * MINUTE_MS)
  return signs.length - before === minutes
}

const never = () => new Promise<never>(() => {})

describe('a sign of life', () => {
  test('is given at once and every minute, for as long as nothing is expected', () => {
    expect(signs).toEqual([0])
    expect(lives(600)).toBe(true)
    watchdog.stop()
    clock.advance(MINUTE_MS)
    expect(signs).toHaveLength(601)
  })

  test('is not given while a loop stands still, and is when it goes on; the log hears of it once', () => {
    const read = watchedReader(() => 7, watchdog)
    expect(read()).toBe(7)
    clock.advance(10 * MINUTE_MS)
    expect(signs).toHaveLength(2)
    expect(events).toEqual([
      { level: 'error', event: 'stalled', part: 'health', reason: 'its loop stands still', lateMs: MINUTE_MS },
    ])
    read()
    expect(lives(1)).toBe(true)
  })
})

describe('the link', () => {
  const linkOf = (connect: () => Promise<Connection>) => watchedLink({ connect }, watchdog)
  const connection: Connection = { publish: async () => {}, close: () => {} }

  test('may take its time and fail as often as it likes', async () => {
    const link = linkOf(() => Promise.reject(new Error('unreachable')))
    for (let attempt = 0; attempt < 30; attempt++) {
      await expect(link.connect(TARGET, HANDLERS)).rejects.toThrow('unreachable')
      expect(lives(2)).toBe(true)
    }
  })

  test('stands still when a try to connect never ends', () => {
    void linkOf(never).connect(TARGET, HANDLERS)
    expect(lives(3)).toBe(true)
    expect(lives(1)).toBe(false)
    expect(events[0]).toMatchObject({ part: 'link', reason: 'something it began does not end' })
  })

  test('stands still when nothing is said over a connection for two heartbeats, in either direction', async () => {
    let heard: LinkHandlers = HANDLERS
    const link = watchedLink(
      {
        connect: async (_, handlers) => {
          heard = handlers
          return connection
        },
      },
      watchdog,
    )
    const { publish } = await link.connect(TARGET, HANDLERS)
    for (let turn = 0; turn < 5; turn++) {
      expect(lives(20)).toBe(true)
      await publish('status', new Uint8Array(0))
      expect(lives(20)).toBe(true)
      heard.downlink('lease', new Uint8Array(0))
    }
    expect(lives(21)).toBe(true)
    expect(lives(1)).toBe(false)
  })
})

describe('work', () => {
  const request = { inputs: [0, 0, 0], unitTimeoutMs: 10 * MINUTE_MS } as unknown as RunRequest

  test('may take all the time that its units have', async () => {
    const { promise, resolve } = Promise.withResolvers<RunResult>()
    const runner = watchedRunner({ run: () => promise, close: async () => {} }, watchdog)
    const running = runner.run(request)
    expect(lives(35)).toBe(true)
    resolve({ outputs: new Uint8Array(1), elapsedMs: 1 })
    expect(await running).toMatchObject({ elapsedMs: 1 })
    expect(lives(100)).toBe(true)
  })

  test('stands still when it takes longer', () => {
    void watchedRunner({ run: never, close: async () => {} }, watchdog).run(request)
    expect(lives(35)).toBe(true)
    expect(lives(1)).toBe(false)
  })

  test('that fails is finished', async () => {
    const runner = watchedRunner({ run: () => Promise.reject(new Error('trap')), close: async () => {} }, watchdog)
    await expect(runner.run(request)).rejects.toThrow('trap')
    expect(lives(100)).toBe(true)
  })
})

describe('sampling', () => {
  const measurement: Measurement = { values: [1], faults: [null] }

  /** As a class with private state, which a proxy would break. */
  class Box implements Sensor {
    readonly model = 'box'
    readonly serial = null
    readonly channels = []
    #answers = true
    sample = () => (this.#answers ? Promise.resolve(measurement) : never())
    health = () => ({ state: 'ok' as const, advice: '', counters: {} })
    async *recordings() {
      yield { ...measurement, atMs: this.#answers ? 5 : 6 }
    }
    async close() {
      this.#answers = false
    }
  }

  test('is late when a sensor does not answer, and the sensor is what it was', async () => {
    const open = watchedSensors(async () => [{ sensor: new Box(), place: 'here', calibrations: [] }], watchdog)
    const [opened] = await open({ driver: 'soc' })
    const sensor = opened?.sensor
    expect(opened?.place).toBe('here')
    expect(await sensor?.sample()).toBe(measurement)
    expect(sensor?.health()).toMatchObject({ state: 'ok' })
    for await (const recorded of sensor?.recordings?.() ?? []) expect(recorded.atMs).toBe(5)
    expect(lives(60)).toBe(true)
    await sensor?.close()
    void sensor?.sample()
    expect(lives(5)).toBe(true)
    expect(lives(1)).toBe(false)
    expect(events[0]).toMatchObject({ part: 'sampling' })
  })
})

test('without a watchdog every part is the part itself', () => {
  const read = () => 1
  expect(watchedReader(read, null)).toBe(read)
})
