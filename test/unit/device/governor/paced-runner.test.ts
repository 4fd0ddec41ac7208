import { describe, expect, it } from 'vitest'
import { pacedRunner, type Runner, type RunRequest } from '../../../../device/index.ts'
import { VirtualClock } from '../../../support/virtual-clock.ts'

const REQUEST = {} as RunRequest

/** A runner whose runs each take a second of one processor, on virtual time. */
function world(processors: number, init: { readonly measures?: boolean } = {}) {
  const clock = new VirtualClock()
  let usedMs = 0
  const runner: Runner = {
    run: () =>
      new Promise(resolve => {
        clock.setTimeout(() => {
          usedMs += 1_000
          resolve({ outputs: new Uint8Array(0), elapsedMs: 1_000 })
        }, 1_000)
      }),
    close: async () => {},
  }
  const read = () => (init.measures === false ? null : usedMs)
  const paced = pacedRunner({ clock, runner, usedMs: read }, { processors })
  return {
    clock,
    paced,
    used: () => usedMs,
    use: (ms: number) => {
      usedMs += ms
    },
  }
}

/** Runs one lease after another for so long; what each said it took. */
async function keepBusy({ clock, paced }: ReturnType<typeof world>, ms: number): Promise<number[]> {
  const elapsed: number[] = []
  let goesOn = true
  const loop = async () => {
    while (goesOn) elapsed.push((await paced.run(REQUEST)).elapsedMs)
  }
  const done = loop()
  await clock.advance(ms)
  goesOn = false
  await clock.advance(60_000)
  await done
  return elapsed
}

describe('pacedRunner', () => {
  it.each([0.1, 0.25, 0.5, 0.75])('holds work to %s of a processor', async share => {
    const one = world(share)
    const busy = keepBusy(one, 600_000)
    await busy
    const runs = one.used() / 1_000
    // What was saved before the first run, and the last one, are beyond the share.
    expect(runs).toBeGreaterThanOrEqual(600 * share - 1)
    expect(runs).toBeLessThanOrEqual(600 * share + 3)
  })

  it('does not hold back what fits', async () => {
    const elapsed = await keepBusy(world(1.5), 60_000)
    expect(new Set(elapsed)).toEqual(new Set([1_000]))
  })

  it('counts the rest to the time a run takes, so that the region sees how fast the device is', async () => {
    const elapsed = await keepBusy(world(0.5), 100_000)
    const total = elapsed.reduce((sum, ms) => sum + ms, 0)
    expect(total / elapsed.length).toBeGreaterThan(1_800)
    expect(total / elapsed.length).toBeLessThan(2_200)
  })

  it('counts what the device uses besides', async () => {
    const one = world(0.5)
    const first = one.paced.run(REQUEST)
    await one.clock.advance(1_000)
    await first
    one.use(10_000)
    const second = one.paced.run(REQUEST)
    await one.clock.advance(19_000)
    expect(one.used()).toBe(11_000)
    await one.clock.advance(4_000)
    await second
    expect(one.used()).toBe(12_000)
  })

  it('saves no more than a second', async () => {
    const one = world(0.5)
    await one.clock.advance(3_600_000)
    await keepBusy(one, 60_000)
    expect(one.used()).toBeLessThanOrEqual(33_000)
  })

  it('lets a run be called off while it rests', async () => {
    const one = world(0.1)
    const first = one.paced.run(REQUEST)
    await one.clock.advance(1_000)
    await first
    one.use(5_000)
    const abort = new AbortController()
    const second = one.paced.run(REQUEST, abort.signal).catch((thrown: unknown) => thrown)
    await one.clock.advance(500)
    abort.abort()
    expect(await second).toMatchObject({ code: 'cancelled' })
  })

  it('does not hold back what cannot be measured', async () => {
    const elapsed = await keepBusy(world(0.1, { measures: false }), 10_000)
    expect(new Set(elapsed)).toEqual(new Set([1_000]))
  })

  it('closes the runner behind it', async () => {
    let closed = false
    const runner: Runner = {
      run: () => Promise.reject(new Error('not asked')),
      close: async () => {
        closed = true
      },
    }
    await pacedRunner({ clock: new VirtualClock(), runner, usedMs: () => 0 }, { processors: 1 }).close()
    expect(closed).toBe(true)
  })
})
