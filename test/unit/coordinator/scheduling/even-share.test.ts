/** How much of a blob each device is given, by how fast they really are and not by what the region believed before. */
import { describe, expect, it } from 'vitest'
import { leaseBytes } from '../../../../coordinator/jobs/lease-bytes.ts'
import {
  BlobIndexer,
  cutOf,
  type DeviceId,
  type JobId,
  jobIdFromBytes,
  planSplit,
  seededRandom,
  sha256Hex,
  utf8,
} from '../../../../protocol/index.ts'
import { ALICE, DepartmentWorld, honest, TIGHT } from '../../../support/department-world.ts'

const LINE_BYTES = 32_768
const LINES = 6_104
const INPUT_BYTES = LINE_BYTES * LINES
const SPLIT = { kind: 'blob', source: { sha256: sha256Hex('cc'.repeat(32)) }, by: 'lines', size: 1 } as const
/** What a device reads and runs at most in a millisecond, when nothing is said of it: 200 MB take eight of them four seconds. */
const BYTES_PER_MS = 6_250
/** From a result to the next lease for it. */
const WAY_MS = 20
const STEP_MS = 5

/** The text, indexed once. */
const PLAN = (() => {
  const indexer = new BlobIndexer(cutOf(SPLIT))
  const line = utf8(`${'x'.repeat(LINE_BYTES - 1)}\n`)
  for (let n = 0; n < LINES; n++) indexer.push(line)
  return planSplit(SPLIT, indexer.finish())
})()

type Verify = 'trust' | { theta: number }

interface Reader {
  readonly id: DeviceId
  readonly bytesPerMs: number
  /** The lease that it is at, and when that is over. */
  at: { leaseId: number; endMs: number; runMs: number } | null
  /** When leases come to it. */
  readonly comesMs: Map<number, number>
  movedBytes: number
}

interface Outcome {
  readonly movedBytes: readonly number[]
  readonly ms: number
  /** How often its units were handed out and counted in the end. */
  readonly copies: number
}

/**
 * Runs a job of the whole text on devices of these speeds.
 * @param running - which part of a lease's time a device runs, and says so; the rest of it goes into reading the input
 */
function read(speeds: readonly number[], verify: Verify, running: () => number = () => 1): Outcome {
  const world = new DepartmentWorld({ fundMicro: 10n ** 15n })
  const ids = world.join(...speeds.map((_, n) => [`owner${n}`, honest] as [string, typeof honest]))
  for (const id of ids) Object.assign(world.fleet.member(id)?.row ?? {}, { checksPassed: 1_000, unitsAccepted: 1_000 })
  const job = submit(world, ids, verify)
  const readers = ids.map(
    (id, n): Reader => ({ id, bytesPerMs: speeds[n] ?? 0, at: null, comesMs: new Map(), movedBytes: 0 }),
  )
  const startMs = world.now.monotonicMs
  const nowMs = () => world.now.monotonicMs - startMs
  while (world.jobs.active(job)) {
    expect(nowMs(), 'the job ends').toBeLessThan(600_000)
    world.advance(STEP_MS)
    for (const reader of readers) step(world, reader, nowMs(), running)
  }
  const leases = world.store.leasesOfJob(job, 10_000).filter(({ state }) => state === 'accepted')
  const units = leases.reduce((sum, { unitCount }) => sum + unitCount, 0)
  expect(world.audit()).toMatchObject({ problems: [] })
  return { movedBytes: readers.map(({ movedBytes }) => movedBytes), ms: nowMs(), copies: units / LINES }
}

function submit(world: DepartmentWorld, ids: readonly DeviceId[], verify: Verify): JobId {
  // The specification of a job of as many units, whose units are lines.
  const { id } = world.submit({ ...TIGHT, split: { kind: 'range', from: 0, to: LINES, chunk: 1 }, verify })
  const template = world.prepared.get(id) ?? expect.fail('it was submitted')
  world.step((now, batch) => world.jobs.stop(id, 'cancelled', '', now, batch))
  for (const device of ids) world.desk.rates.learn(device, template.module, 10, (10 * LINE_BYTES) / BYTES_PER_MS, 100)
  const job = jobIdFromBytes(world.random.bytes(10))
  const spec = { ...template.spec, split: SPLIT }
  const prepared = { ...template, id: job, spec, plan: PLAN, input: SPLIT.source.sha256 }
  world.prepared.set(job, prepared)
  const outcome = world.step((now, batch) => world.jobs.submit(prepared, ALICE, now, batch))
  expect(outcome).toMatchObject({ ok: true })
  return job
}

/** A device reads and runs one lease after the other, beginning with each when it has come. */
function step(world: DepartmentWorld, reader: Reader, nowMs: number, running: () => number): void {
  const { inbox } = world.devices.get(reader.id) ?? expect.fail('it has joined')
  for (const { leaseId } of inbox) if (!reader.comesMs.has(leaseId)) reader.comesMs.set(leaseId, nowMs + WAY_MS)
  if (reader.at !== null && inbox[0]?.leaseId !== reader.at.leaseId) reader.at = null
  if (reader.at !== null && nowMs >= reader.at.endMs) {
    world.answer(reader.id, reader.at.runMs)
    reader.at = null
  }
  const [next] = inbox
  if (reader.at !== null || next === undefined || nowMs < (reader.comesMs.get(next.leaseId) ?? nowMs)) return
  const prepared = world.prepared.get(next.job) ?? expect.fail('the job is known')
  reader.movedBytes += leaseBytes(prepared, next.firstUnit, next.unitCount).inputBytes
  const spentMs = (next.unitCount * LINE_BYTES) / reader.bytesPerMs
  reader.at = { leaseId: next.leaseId, endMs: nowMs + spentMs, runMs: Math.round(spentMs * running()) }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const equal = Array.from({ length: 8 }, () => BYTES_PER_MS)
/** Of a machine that is now busy with reading and now with something else: 2 % to all of a lease's time. */
function erratic(): () => number {
  const random = seededRandom('erratic')
  return () => 0.02 ** random.uniform()
}

describe('a blob of 200 MB by lines', () => {
  for (const verify of ['trust', { theta: 0.99 }] as const) {
    const name = verify === 'trust' ? 'first answers' : 'a quorum'
    it(`is read by eight equal devices in nearly equal parts, for ${name}`, () => {
      const { movedBytes, copies } = read(equal, verify)
      const needed = INPUT_BYTES * copies
      expect(Math.max(...movedBytes)).toBeLessThan((1.03 * needed) / 8)
      expect(Math.min(...movedBytes)).toBeGreaterThan((0.97 * needed) / 8)
      expect(sum(movedBytes)).toBeLessThan(1.05 * needed)
    })

    it(`is parted so, too, when what devices say of their time tells little, for ${name}`, () => {
      const { movedBytes, copies } = read(equal, verify, erratic())
      expect(Math.max(...movedBytes)).toBeLessThan((1.1 * INPUT_BYTES * copies) / 8)
      expect(sum(movedBytes)).toBeLessThan(1.05 * INPUT_BYTES * copies)
    })
  }

  it('[SCHED-1.7] goes to a device four times as fast as the others about four times as often', () => {
    const { movedBytes } = read([4 * BYTES_PER_MS, ...equal.slice(1)], 'trust')
    const [fast = 0, ...others] = movedBytes
    expect(fast / (sum(others) / others.length)).toBeGreaterThan(3.4)
    expect(fast / (sum(others) / others.length)).toBeLessThan(4.6)
  })

  it('is not held up by one device that is ten times as slow as the others', () => {
    const { movedBytes, ms } = read([BYTES_PER_MS / 10, ...equal.slice(1)], 'trust')
    const idealMs = INPUT_BYTES / (7.1 * BYTES_PER_MS)
    expect(ms).toBeLessThan(1.35 * idealMs)
    expect(movedBytes[0]).toBeLessThan((0.5 * INPUT_BYTES) / 8)
  })
})
