import { describe, expect, it } from 'vitest'
import { hashOf } from '../../../../device/blobs/index.ts'
import { type FinishedLease, LeaseQueue } from '../../../../device/leases/index.ts'
import {
  encodeSequence,
  fromHex,
  fromUtf8,
  type Grant,
  type LeaseTask,
  LIMITS,
  METERING_VERSION,
  sha256Hex,
  TaskError,
  utf8,
} from '../../../../protocol/index.ts'
import { FakeBlobs, FakeRunner, keepLog } from '../../../support/device/fake-parts.ts'
import { grant, leases, MODULE, MODULE_BYTES, TASK } from '../../../support/device/leases.ts'
import { settle, VirtualClock } from '../../../support/virtual-clock.ts'

function world(slots = 1, mode: 'held' | 'echo' = 'held') {
  const clock = new VirtualClock()
  const blobs = new FakeBlobs()
  blobs.supply(MODULE, MODULE_BYTES)
  const runner = new FakeRunner(mode)
  const { log, events: logged } = keepLog()
  let runnersMade = 0
  const createRunner = async () => {
    runnersMade += 1
    return runner
  }
  const queue = new LeaseQueue({ clock, blobs, createRunner, log }, { slots })
  const finished: FinishedLease[] = []
  let drained = 0
  queue.events.on('finished', event => finished.push(event))
  queue.events.on('drained', () => {
    drained += 1
  })
  const give = async (...grants: Grant[]) => {
    queue.add(leases(1, ...grants))
    await settle()
  }
  return {
    clock,
    blobs,
    runner,
    queue,
    finished,
    logged,
    give,
    ids: () => finished.map(({ result }) => result.leaseId),
    running: () => runner.runs.map(({ request }) => request.firstUnit / 10),
    drained: () => drained,
    runnersMade: () => runnersMade,
  }
}

describe('LeaseQueue', () => {
  it('runs a lease with all it needs, and reports what came of it', async () => {
    const { give, runner, finished, drained } = world()
    await give(grant(3))
    const { request } = runner.runs[0] ?? {}
    expect(request).toMatchObject({ jobId: TASK.job, module: MODULE, moduleBytes: MODULE_BYTES, args: ['--fast'] })
    expect(request?.inputs.map(fromUtf8)).toEqual(['300 310\n', '310 320\n'])
    runner.runs[0]?.finish(utf8('outputs'))
    await settle()
    expect(finished[0]?.result).toEqual({
      leaseId: 3,
      outcome: 'done',
      digest: fromHex(hashOf(utf8('outputs'))),
      outputs: utf8('outputs'),
      elapsedMs: 7,
      detail: '',
      metering: METERING_VERSION,
    })
    expect(request?.unitFuelMax).toBe(TASK.unitFuelMax)
    expect(drained()).toBeGreaterThan(0)
  })

  it('answers none, with the reason, to a lease metered by rules that it does not run [LEASE-1.8] [RESULT-1.4]', async () => {
    const { queue, runner, finished, blobs, runnersMade } = world()
    const newer = { ...TASK, metering: METERING_VERSION + 1 }
    queue.add({ session: 1, tasks: [newer, TASK], grants: [grant(1), grant(2, { task: 1 })] })
    await settle()
    expect(finished.map(({ result }) => result)).toEqual([
      {
        leaseId: 1,
        outcome: 'none',
        digest: null,
        outputs: null,
        elapsedMs: 0,
        detail: 'The lease is metered by version 2 of the rules; this device runs version 1.',
        metering: METERING_VERSION,
      },
    ])
    expect(runner.runs.map(({ request }) => request.firstUnit)).toEqual([20])
    expect([blobs.wanted.length, runnersMade()]).toEqual([1, 1])
  })

  it('makes no runner before there is work', async () => {
    const { give, runnersMade, queue } = world()
    queue.pause(null)
    expect(runnersMade()).toBe(0)
    await give(grant(1), grant(2))
    expect(runnersMade()).toBe(1)
  })

  it('runs as many at the same time as it has slots, in order', async () => {
    const { give, runner, running, queue } = world(2)
    await give(grant(1), grant(2), grant(3))
    expect(running()).toEqual([1, 2])
    expect([queue.running, queue.waiting]).toEqual([2, 1])
    runner.runs[1]?.finish()
    await settle()
    expect(running()).toEqual([1, 2, 3])
  })

  it('takes a lease once, however often it is delivered', async () => {
    const { give, runner, ids } = world(1, 'echo')
    await give(grant(1))
    await give(grant(1), grant(2))
    await give(grant(2))
    expect(runner.runs).toHaveLength(2)
    expect(ids()).toEqual([1, 2])
  })

  it('drops leases that are cancelled and says nothing of them', async () => {
    const { give, runner, queue, ids, running } = world()
    await give(grant(1), grant(2), grant(3))
    queue.cancel([1, 2])
    await settle()
    expect(runner.runs[0]?.signal?.aborted).toBe(true)
    expect(running()).toEqual([1, 3])
    runner.runs[1]?.finish()
    await settle()
    expect(ids()).toEqual([3])
  })

  it('does not start a lease whose time is over, and stops one whose time runs out', async () => {
    const { give, runner, clock, ids, logged, running } = world()
    await give(grant(1, { leaseMs: 10_000 }), grant(2, { leaseMs: 8_000 }), grant(3))
    await clock.advance(10_000)
    expect(runner.runs[0]?.signal?.aborted).toBe(true)
    expect(running()).toEqual([1, 3])
    expect(ids()).toEqual([])
    expect(logged.map(({ event, leaseId }) => [event, leaseId])).toEqual([
      ['lease_expired', 1],
      ['lease_expired', 2],
    ])
  })

  it('survives a lease that may take for ever', async () => {
    const { give, clock, ids } = world(1, 'echo')
    await give(grant(1, { leaseMs: Number.MAX_SAFE_INTEGER }))
    await clock.advance(1_000)
    expect(ids()).toEqual([1])
  })

  it('says why there is no result', async () => {
    const { give, runner, finished } = world()
    await give(grant(1))
    runner.runs[0]?.fail(new TaskError({ code: 'timeout', timeoutMs: 9 }, 'Unit 11 took longer than 9 ms.'))
    await settle()
    expect(finished[0]?.result).toMatchObject({
      outcome: 'none',
      digest: null,
      outputs: null,
      detail: 'Unit 11 took longer than 9 ms.',
    })
  })

  it('tries to make a runner again when the first could not be made', async () => {
    const { clock, blobs } = world()
    const { log } = keepLog()
    let tries = 0
    const createRunner = async () => {
      tries += 1
      if (tries === 1) throw new Error('There is no sandbox.')
      return new FakeRunner('echo')
    }
    const queue = new LeaseQueue({ clock, blobs, createRunner, log }, { slots: 1 })
    const outcomes: string[] = []
    queue.events.on('finished', ({ result }) => outcomes.push(`${result.outcome} ${result.detail}`))
    queue.add(leases(1, grant(1), grant(2)))
    await settle()
    expect(outcomes).toEqual(['none There is no sandbox.', 'done '])
  })

  it('starts nothing while it is paused; what runs goes on', async () => {
    const { give, runner, queue, ids, running } = world()
    await give(grant(1), grant(2))
    queue.pause({ reason: 'the outbox is full', returns: 'none' })
    runner.runs[0]?.finish()
    await settle()
    expect(ids()).toEqual([1])
    expect(running()).toEqual([1])
    queue.pause(null)
    await settle()
    expect(running()).toEqual([1, 2])
  })

  it('gives back what waits, and what comes, while the owner has it paused; what runs goes on', async () => {
    const { give, runner, queue, finished, ids, running } = world()
    await give(grant(1), grant(2))
    queue.pause({ reason: 'other programs use 63 % of the processors', returns: 'waiting' })
    await give(grant(3))
    const detail = 'This device takes no work now: other programs use 63 % of the processors.'
    expect(finished.map(({ result }) => result)).toMatchObject([
      { leaseId: 2, outcome: 'none', detail },
      { leaseId: 3, outcome: 'none', detail },
    ])
    expect(queue.waiting).toBe(0)
    runner.runs[0]?.finish()
    await settle()
    expect(ids()).toEqual([2, 3, 1])
    queue.pause(null)
    await give(grant(4))
    expect(running()).toEqual([1, 4])
  })

  it('stops and gives back what runs when the board needs rest', async () => {
    const { give, runner, queue, finished, drained, clock } = world(2)
    await give(grant(1), grant(2), grant(3))
    queue.pause({ reason: 'the processor is at 81 °C', returns: 'all' })
    await settle()
    expect(runner.runs.map(({ signal }) => signal?.aborted)).toEqual([true, true])
    expect(finished.map(({ result: { leaseId, outcome } }) => [leaseId, outcome])).toEqual([
      [3, 'none'],
      [1, 'none'],
      [2, 'none'],
    ])
    expect([queue.running, queue.waiting]).toEqual([0, 0])
    expect(drained()).toBeGreaterThan(0)
    await clock.advance(600_000)
    expect(finished).toHaveLength(3)
  })

  it('fetches what the next lease needs while the slots are busy', async () => {
    const { queue, runner, blobs, running } = world()
    const piece = utf8('one\ntwo\n')
    const digest = hashOf(piece)
    const task: LeaseTask = { ...TASK, cut: { kind: 'lines', lines: 1 } }
    const input = {
      kind: 'range',
      blob: sha256Hex('cd'.repeat(32)),
      offset: 64,
      length: 8,
      digest: fromHex(digest),
    } as const
    queue.add({ session: 1, tasks: [TASK, task], grants: [grant(1), grant(2, { task: 1, input }), grant(3), grant(4)] })
    await settle()
    expect(blobs.wanted.filter(({ blob }) => blob !== MODULE)).toEqual([
      { blob: input.blob, digest, offset: 64, length: 8 },
    ])
    runner.runs[0]?.finish()
    await settle()
    expect(running()).toEqual([1])
    blobs.supply(digest, piece)
    await settle()
    expect(runner.runs[1]?.request.inputs.map(fromUtf8)).toEqual(['one\n', 'two\n'])
  })

  it('refuses an input that does not cut into its units [LEASE-1.6]', async () => {
    const { queue, finished } = world()
    const task: LeaseTask = { ...TASK, cut: { kind: 'items' } }
    const input = { kind: 'inline', bytes: encodeSequence([utf8('only one')]) } as const
    queue.add({ session: 1, tasks: [task], grants: [grant(1, { input })] })
    await settle()
    expect(finished[0]?.result).toMatchObject({
      outcome: 'none',
      detail: expect.stringContaining('fewer than the 2 units'),
    })
  })

  it('puts large outputs up as a blob, and runs the next lease meanwhile [RESULT-1.3]', async () => {
    const { give, runner, blobs, finished, running, drained } = world()
    const upload = Promise.withResolvers<void>()
    blobs.upload = upload.promise
    await give(grant(1), grant(2))
    const outputs = new Uint8Array(LIMITS.resultOutputsInlineBytesMax + 1)
    runner.runs[0]?.finish(outputs)
    await settle()
    expect(running()).toEqual([1, 2])
    runner.runs[1]?.finish()
    await settle()
    expect(drained()).toBe(0)
    upload.resolve()
    await settle()
    expect(blobs.uploads).toEqual([{ sha256: hashOf(outputs), content: outputs }])
    const { result } = finished.find(({ lease }) => lease.grant.leaseId === 1) ?? {}
    expect(result).toMatchObject({ outcome: 'done', outputs: null, digest: fromHex(hashOf(outputs)) })
    expect(drained()).toBe(1)
  })

  it('keeps the largest outputs that fit a frame in it', async () => {
    const { give, runner, blobs, finished } = world()
    await give(grant(1))
    runner.runs[0]?.finish(new Uint8Array(LIMITS.resultOutputsInlineBytesMax))
    await settle()
    expect(blobs.uploads).toEqual([])
    expect(finished[0]?.result.outputs).toHaveLength(LIMITS.resultOutputsInlineBytesMax)
  })

  it('holds no more leases than it could ever have asked for', async () => {
    const { give, queue, logged } = world()
    await give(...Array.from({ length: 600 }, (_, index) => grant(index)))
    expect(queue.running + queue.waiting).toBe(512)
    expect(logged.filter(({ event }) => event === 'lease_surplus')).toHaveLength(88)
  })

  it('fetches little inputs of more leases ahead, and not more than little', async () => {
    const { queue, blobs } = world()
    const task: LeaseTask = { ...TASK, cut: { kind: 'bytes', bytes: 1 } }
    const blob = sha256Hex('cd'.repeat(32))
    const piece = (leaseId: number, length: number) =>
      grant(leaseId, { task: 1, input: { kind: 'range', blob, offset: leaseId, length, digest: new Uint8Array(32) } })
    const pieces = [piece(2, 500_000), piece(3, 500_000), piece(4, 500_000), piece(5, 1)]
    queue.add({ session: 1, tasks: [TASK, task], grants: [grant(1), ...pieces] })
    await settle()
    expect(blobs.wanted.filter(want => want.blob === blob).map(({ offset }) => offset)).toEqual([2, 3])
    queue.cancel([1])
    await settle()
    expect(blobs.wanted.filter(want => want.blob === blob).map(({ offset }) => offset)).toEqual([2, 3, 4, 5])
  })

  it('forgets modules after a rest', async () => {
    const { give, clock, blobs } = world(1, 'echo')
    await give(grant(1))
    await clock.advance(29_000)
    await give(grant(2))
    expect(blobs.wanted).toHaveLength(1)
    await clock.advance(31_000)
    await give(grant(3))
    expect(blobs.wanted).toHaveLength(2)
  })

  it('stops everything when it is closed', async () => {
    const { give, queue, runner, clock, ids } = world()
    await give(grant(1), grant(2))
    await queue.close()
    expect(runner.closed).toBe(true)
    await give(grant(3))
    expect(runner.runs).toHaveLength(1)
    expect(ids()).toEqual([])
    expect(clock.timers).toBe(0)
  })
})
