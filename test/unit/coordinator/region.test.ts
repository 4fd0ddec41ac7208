import { describe, expect, it } from 'vitest'
import type { Effect } from '../../../coordinator/batch.ts'
import { Region } from '../../../coordinator/region.ts'
import type { Write } from '../../../coordinator/store/index.ts'
import { DepartmentWorld } from '../../support/department-world.ts'
import { DEVICES } from '../../support/rows.ts'
import { settle, VirtualClock } from '../../support/virtual-clock.ts'

const ack = (seq: number): Effect => ({ kind: 'ack', device: DEVICES[0], seq })
const meta = (value: string): Write => ({ table: 'meta', key: 'k', value })

interface SetUp {
  commit?: (writes: readonly Write[]) => void
  notBeforeMs?: number
}

/** A region whose disk and wire only write down what reaches them. */
function setUp({ commit = () => undefined, notBeforeMs = 0 }: SetUp = {}) {
  const events: string[] = []
  const clock = new VirtualClock()
  const { log, fleet, ledger, jobs, sensing, pricing, payouts } = new DepartmentWorld()
  const region = new Region(
    {
      clock,
      notBeforeMs,
      defer: setImmediate,
      store: {
        commit: writes => {
          commit(writes)
          events.push(`commit ${writes.map(write => (write.table === 'meta' ? write.value : write.table))}`)
        },
      },
      release: effects =>
        events.push(`release ${effects.map(effect => (effect.kind === 'ack' ? effect.seq : effect.kind))}`),
      onFatal: error => events.push(`fatal ${(error as Error).message}`),
    },
    { log, fleet, ledger, jobs, sensing, pricing, payouts },
  )
  const step = (number: number) =>
    region.step((_now, batch) => {
      batch.emit(ack(number))
      batch.write(meta(`${number}`))
    })
  return { region, clock, events, step }
}

describe('a region', () => {
  it('lets nothing out before the change it tells of is stored [STORE-1.3] [RESULT-3.1]', async () => {
    const { events, step } = setUp()
    step(1)
    expect(events).toEqual([])
    await settle()
    expect(events).toEqual(['commit 1', 'release 1'])
  })

  it('commits at once after a pause, and then what comes within 2 ms together', async () => {
    const { clock, events, step } = setUp()
    for (const number of [1, 2, 3, 4]) {
      step(number)
      await settle()
    }
    expect(events.filter(event => event.startsWith('commit'))).toEqual(['commit 1', 'commit 2', 'commit 3', 'commit 4'])
    step(5)
    await clock.advance(1)
    step(6)
    expect(events.at(-1)).toBe('release 4')
    await clock.advance(1)
    expect(events.slice(8)).toEqual(['commit 5,6', 'release 5,6'])
    await clock.advance(100)
    step(7)
    await settle()
    expect(events.slice(10)).toEqual(['commit 7', 'release 7'])
  })

  it('tells its departments the time', () => {
    const { region } = setUp()
    expect(region.step(now => now)).toEqual({ wallMs: 1_700_000_000_000, monotonicMs: 0 })
  })

  it('has a time that never falls, whatever its clock does', async () => {
    const { region, clock } = setUp({ notBeforeMs: 1_700_000_000_500 })
    expect(region.step(now => now.wallMs)).toBe(1_700_000_000_500)
    await clock.advance(2_000)
    expect(region.step(now => now.wallMs)).toBe(1_700_000_002_000)
  })

  it('says when everything so far is stored', async () => {
    const { region, clock, events, step } = setUp()
    step(1)
    const stored = region.committed().then(() => events.push('stored'))
    expect(events).toEqual([])
    await stored
    expect(events).toEqual(['commit 1', 'release 1', 'stored'])
    await Promise.all([region.committed(), clock.advance(2)])
    expect(events).toEqual(['commit 1', 'release 1', 'stored', 'release '])
  })

  it('puts what happens while effects are released into the next commit', async () => {
    const { region, clock, events, step } = setUp()
    step(1)
    void region.committed().then(() => step(2))
    await settle()
    await clock.advance(2)
    expect(events).toEqual(['commit 1', 'release 1', 'commit 2', 'release 2'])
  })

  it('releases nothing and commits nothing more once the disk has failed [STORE-1.3]', async () => {
    let left = 1
    const { clock, events, step } = setUp({
      commit: () => {
        if (left-- === 0) throw new Error('the disk is full')
      },
    })
    step(1)
    await settle()
    step(2)
    await clock.advance(2)
    step(3)
    await clock.advance(100)
    expect(events).toEqual(['commit 1', 'release 1', 'fatal the disk is full'])
  })

  it('commits what has happened when it is stopped, and nothing that happens later', async () => {
    const { region, clock, events, step } = setUp()
    step(1)
    // Comes with the last release, so it waits for a commit that will not be.
    void region.committed().then(() => step(2))
    await region.stop()
    events.push('stopped')
    step(3)
    await clock.advance(100)
    await region.stop()
    expect(events).toEqual(['commit 1', 'release 1', 'stopped'])
  })

  it('can be stopped after the disk has failed', async () => {
    const { region, events, step } = setUp({
      commit: () => {
        throw new Error('the disk is full')
      },
    })
    step(1)
    await settle()
    await region.stop()
    expect(events).toEqual(['fatal the disk is full'])
  })
})
