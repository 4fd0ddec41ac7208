/** Short leases of one task that share a run. */
import { describe, expect, it } from 'vitest'
import { type FinishedLease, LeaseQueue } from '../../../../device/leases/index.ts'
import {
  encodeOutputs,
  fromUtf8,
  type Grant,
  type LeaseTask,
  LIMITS,
  sha256Hex,
  TaskError,
  utf8,
} from '../../../../protocol/index.ts'
import { FakeBlobs, FakeRunner, keepLog } from '../../../support/device/fake-parts.ts'
import { grant, leases, MODULE, MODULE_BYTES, TASK } from '../../../support/device/leases.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

/** Lease `unit` of the one unit of that number. */
const single = (unit: number, partial: Partial<Grant> = {}) =>
  grant(unit, { firstUnit: unit, unitCount: 1, ...partial })
const singles = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => single(from + index))

function world(slots = 1) {
  const clock = new VirtualClock()
  const blobs = new FakeBlobs()
  blobs.supply(MODULE, MODULE_BYTES)
  const runner = new FakeRunner('held')
  runner.elapsedMs = 0
  const { log, events: logged } = keepLog()
  const queue = new LeaseQueue({ clock, blobs, createRunner: async () => runner, log }, { slots })
  const finished: FinishedLease[] = []
  queue.events.on('finished', event => finished.push(event))
  const give = async (...grants: Grant[]) => {
    queue.add(leases(1, ...grants))
    await settle()
  }
  const run = (index: number) => {
    const held = runner.runs.at(index)
    if (held === undefined) throw new Error(`there is no run ${index}`)
    return held
  }
  const finish = async (index: number, outputs?: Uint8Array) => {
    run(index).finish(outputs)
    await settle()
  }
  return {
    clock,
    blobs,
    runner,
    queue,
    logged,
    give,
    run,
    finish,
    results: () => finished.map(({ result }) => result),
    ids: () => finished.map(({ result }) => result.leaseId),
    /** The units of each run so far, as first and count. */
    runs: () => runner.runs.map(({ request }) => [request.firstUnit, request.inputs.length]),
    /** Has shown once that units of the job are short; the region's unit 0 is used up. */
    async learn(elapsedMs = 0) {
      runner.elapsedMs = elapsedMs
      await give(single(0))
      await finish(0)
      finished.length = 0
    },
  }
}

describe('leases that follow each other', () => {
  it('run together, and give what they would give alone', async () => {
    const together = world()
    await together.learn()
    await together.give(single(1), single(2), grant(3, { firstUnit: 3, unitCount: 3 }), single(6))
    expect(together.runs()).toEqual([
      [0, 1],
      [1, 6],
    ])
    const inputs = [1, 2, 3, 4, 5, 6].map(unit => `${unit * 10} ${unit * 10 + 10}\n`)
    expect(together.run(1).request.inputs.map(fromUtf8)).toEqual(inputs)
    await together.finish(1)

    const apart = world()
    await apart.give(single(1), single(2), grant(3, { firstUnit: 3, unitCount: 3 }), single(6))
    for (let index = 0; index < 4; index++) {
      apart.runner.elapsedMs = 20
      await apart.finish(index)
    }
    expect(apart.runs()).toHaveLength(4)
    const withoutTime = (of: ReturnType<typeof world>) => of.results().map(result => ({ ...result, elapsedMs: 0 }))
    expect(withoutTime(together)).toEqual(withoutTime(apart))
  })

  it('share the time by their units, and no millisecond is lost', async () => {
    const { learn, give, finish, results, runner } = world()
    await learn()
    await give(single(2), single(3), grant(4, { firstUnit: 4, unitCount: 3 }), single(7))
    runner.elapsedMs = 10
    await finish(1)
    expect(results().map(({ elapsedMs }) => elapsedMs)).toEqual([2, 1, 5, 2])
  })

  it('run alone until it is known how long they take, and when that is long', async () => {
    const { give, finish, runs, runner } = world()
    runner.elapsedMs = 11
    await give(...singles(0, 4))
    await finish(0)
    await finish(1)
    expect(runs()).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ])
  })

  it('are joined up to 256 units and a share for every free slot', async () => {
    const { learn, give, finish, runs, runner } = world(2)
    await learn()
    for (let round = 0; round < 8; round++) {
      await give(grant(1_000 + round, { firstUnit: 1_000 * (round + 1), unitCount: 500 }))
      await finish(-1)
    }
    const before = runner.runs.length
    await give(grant(1, { firstUnit: 50, unitCount: 2 }), grant(2, { firstUnit: 60, unitCount: 2 }))
    await give(...singles(100, 400))
    await finish(before)
    await finish(before + 1)
    expect(runs().slice(before)).toEqual([
      [50, 2],
      [60, 2],
      [100, 256],
      [356, 44],
    ])
    await finish(before + 2)
    await finish(before + 3)
    await give(...singles(400, 402))
    expect(runs().slice(before + 4)).toEqual([
      [400, 1],
      [401, 1],
    ])
  })

  it.each<[string, Grant, Partial<LeaseTask>]>([
    ['after a gap', single(4, { task: 1 }), {}],
    ['of another job', single(3, { task: 1 }), { job: 'b'.repeat(16) as LeaseTask['job'] }],
    ['with other arguments', single(3, { task: 1 }), { args: ['--slow'] }],
    ['with less memory', single(3, { task: 1 }), { memoryPagesMax: 8 }],
    ['with less fuel', single(3, { task: 1 }), { unitFuelMax: TASK.unitFuelMax - 1 }],
    ['past its deadline', single(3, { task: 1, leaseMs: 0 }), {}],
  ])('are not joined with one %s', async (_, other, differs) => {
    const { learn, queue, runs } = world()
    await learn()
    queue.add({ session: 1, tasks: [TASK, { ...TASK, ...differs }], grants: [single(1), single(2), other] })
    await settle()
    expect(runs()[1]).toEqual([1, 2])
  })

  it('are joined across messages that state the task anew', async () => {
    const { learn, queue, finish, runs } = world()
    await learn()
    for (const unit of [1, 2, 3]) {
      queue.add({ session: 1, tasks: [{ ...TASK, args: [...TASK.args] }], grants: [single(unit)] })
    }
    await settle()
    await finish(1)
    expect(runs()[2]).toEqual([2, 2])
  })

  it('wait for no input that is still on its way', async () => {
    const { learn, queue, finish, runs, blobs } = world()
    await learn()
    const task: LeaseTask = { ...TASK, cut: { kind: 'bytes', bytes: 4 } }
    const piece = (leaseId: number) => {
      const digest = new Uint8Array(32).fill(leaseId)
      return single(leaseId, {
        task: 1,
        input: { kind: 'range', blob: sha256Hex('cd'.repeat(32)), offset: 0, length: 4, digest },
      })
    }
    queue.add({ session: 1, tasks: [TASK, task], grants: [single(1), piece(2), piece(3), piece(4)] })
    await settle()
    blobs.supply('02'.repeat(32), utf8('two!'))
    blobs.supply('03'.repeat(32), utf8('tree'))
    await settle()
    await finish(1)
    expect(runs()[2]).toEqual([2, 2])
  })
})

describe('a run of several leases', () => {
  async function running() {
    const it = world()
    await it.learn()
    await it.give(...singles(2, 5))
    return it
  }

  it('goes on when one of them is called off, which is heard of no more', async () => {
    const { queue, run, finish, ids } = await running()
    queue.cancel([3])
    await settle()
    expect(run(1).signal?.aborted).toBe(false)
    expect([queue.running, queue.waiting]).toEqual([3, 0])
    await finish(1)
    expect(ids()).toEqual([2, 4])
  })

  it('stops when all of them are', async () => {
    const { queue, run, ids } = await running()
    queue.cancel([2, 3])
    queue.cancel([4])
    await settle()
    expect(run(1).signal?.aborted).toBe(true)
    expect(ids()).toEqual([])
    expect([queue.running, queue.waiting]).toEqual([0, 0])
  })

  it('drops one whose time runs out, and stops with the last of them', async () => {
    const { learn, give, run, clock, ids, logged, queue } = world()
    await learn()
    await give(single(2, { leaseMs: 9_000 }), single(3, { leaseMs: 5_000 }))
    await clock.advance(5_000)
    expect(run(1).signal?.aborted).toBe(false)
    await clock.advance(4_000)
    expect(run(1).signal?.aborted).toBe(true)
    expect(logged.map(({ event, leaseId }) => [event, leaseId])).toEqual([
      ['lease_expired', 3],
      ['lease_expired', 2],
    ])
    expect(ids()).toEqual([])
    await queue.close()
    expect(clock.timers).toBe(0)
  })

  it('that fails is done again lease by lease, so that only the one at fault has no result', async () => {
    const { run, finish, runs, results, queue } = await running()
    queue.cancel([4])
    run(1).fail(new TaskError({ code: 'timeout', timeoutMs: 1_000 }, 'Too long.'))
    await settle()
    expect(runs().slice(2)).toEqual([[2, 1]])
    run(2).fail(new TaskError({ code: 'timeout', timeoutMs: 1_000 }, 'Too long.'))
    await settle()
    await finish(3)
    expect(results().map(({ leaseId, outcome, detail }) => [leaseId, outcome, detail])).toEqual([
      [2, 'none', 'Too long.'],
      [3, 'done', ''],
    ])
  })

  it('is not tried again soon after one that failed', async () => {
    const { run, finish, runs, give } = await running()
    run(1).fail(new TaskError({ code: 'sandbox_died', reason: 'killed' }, 'It died.'))
    await settle()
    for (let index = 2; index < 5; index++) await finish(index)
    await give(...singles(5, 8))
    await finish(5)
    expect(runs().slice(5)).toEqual([
      [5, 1],
      [6, 1],
    ])
  })

  it('ends with the queue', async () => {
    const { queue, run, ids, clock } = await running()
    await queue.close()
    expect(run(1).signal?.aborted).toBe(true)
    expect(ids()).toEqual([])
    expect(clock.timers).toBe(0)
  })

  it('puts up only the outputs that are too large for a frame [RESULT-1.3]', async () => {
    const { finish, results, blobs } = await running()
    const large = new Uint8Array(LIMITS.resultOutputsInlineBytesMax + 1)
    await finish(1, encodeOutputs([utf8('a'), large, utf8('b')].map(bytes => ({ kind: 'ok', bytes, fuel: 7 }))))
    expect(results().map(({ leaseId, outputs }) => [leaseId, outputs?.length ?? null])).toEqual([
      [2, 5],
      [4, 5],
      [3, null],
    ])
    expect(blobs.uploads.map(({ content }) => content)).toEqual([
      encodeOutputs([{ kind: 'ok', bytes: large, fuel: 7 }]),
    ])
  })
})
