/** Which sandbox process a lease gets: real processes, told apart by their ids. */
import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { DeviceEvent } from '../../../../device/log.ts'
import { cancelled } from '../../../../device/work/failures.ts'
import { findKernelTools } from '../../../../device/work/find-kernel-tools.ts'
import { sandboxCommand } from '../../../../device/work/sandbox-command.ts'
import { SandboxPool, type SandboxWish } from '../../../../device/work/sandbox-pool.ts'
import { type JobId, jobId } from '../../../../protocol/ids.ts'
import { METERING_VERSION } from '../../../../protocol/metering/index.ts'
import { systemClock } from '../../../../protocol/node/clock.ts'
import { eventually } from '../../../support/eventually.ts'
import { SANDBOX_SOURCE } from '../../../support/runners.ts'
import { command, op } from '../../../support/wasm-module.ts'

const MIB = 1_048_576
const ALLOWANCE_BYTES = 512 * MIB
const PATIENCE_MS = 20_000
const [FIRST, SECOND, THIRD] = ['first', 'secnd', 'third'].map(name => jobId(name.padEnd(16, 'a'))) as [
  JobId,
  JobId,
  JobId,
]
const noop = command([])
const busy = command([...op.i32(1), ...op.drop])

const pools: SandboxPool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map(pool => pool.close()))
})

/** A pool, and what is seen of its processes. */
function poolOf(slots = 1) {
  const events: DeviceEvent[] = []
  const tools = findKernelTools()
  const pool = new SandboxPool(
    { clock: systemClock, log: event => events.push(event) },
    {
      command: sandboxCommand({ nodePath: process.execPath, entry: SANDBOX_SOURCE, tools }),
      tools,
      slots,
      idleMs: 60_000,
      loadTimeoutMs: PATIENCE_MS,
    },
  )
  pools.push(pool)
  const pidsOf = (name: string) => events.flatMap(({ event, pid }) => (event === name ? [Number(pid)] : []))
  const started = () => pidsOf('sandbox_started')
  const ended = () => pidsOf('sandbox_ended')
  /** Runs one unit for the job as a runner does, and returns the id of the process that did. */
  const lease = async (job: JobId, module = noop, allowanceBytes = ALLOWANCE_BYTES): Promise<number> => {
    const wish = wishOf(job, module, allowanceBytes)
    const sandbox = await pool.take(wish)
    try {
      if (sandbox.module === null) {
        sandbox.module = wish.module
        await sandbox.process.load(wish.load, allowanceBytes)
      } else {
        await sandbox.process.ready()
      }
      pool.loaded(wish)
      const units = { job: new Uint8Array(10), firstUnit: 0, args: [], inputs: [new Uint8Array(0)], unitFuelMax: 1_000 }
      await sandbox.process.run({ kind: 'run', ...units }, PATIENCE_MS)
      return sandbox.process.pid ?? Number.NaN
    } finally {
      pool.give(sandbox)
    }
  }
  /** Waits until so many processes have been started. */
  const settled = async (count: number) => {
    await eventually('the spares are there', () => started().length >= count, PATIENCE_MS)
  }
  return { pool, lease, started, ended, settled, events }
}

function wishOf(job: JobId, module: Uint8Array, allowanceBytes: number): SandboxWish {
  return {
    job,
    module: String(module),
    load: { kind: 'load', module, abi: 'wasi', memoryPagesMax: 16, metering: METERING_VERSION },
    allowanceBytes,
  }
}

/** Soft and hard limit of a process's data in bytes; Infinity for none. */
function dataLimits(pid: number): number[] {
  const line = /^Max data size +(\S+) +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'latin1'))
  return (line?.slice(1) ?? []).map(text => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text)))
}

test('leases of one job share a process, and two jobs never do, though they run the same module', async () => {
  const { lease } = poolOf()
  const seen = new Map<JobId, number[]>()
  for (const job of [FIRST, FIRST, SECOND, FIRST, SECOND, SECOND]) {
    seen.set(job, [...(seen.get(job) ?? []), await lease(job)])
  }
  const [first, second] = [new Set(seen.get(FIRST)), new Set(seen.get(SECOND))]
  expect([first.size, second.size]).toEqual([1, 1])
  expect(first).not.toEqual(second)
})

test('jobs that run at the same time have a process each', async () => {
  const { lease } = poolOf(3)
  const pids = await Promise.all([FIRST, SECOND, FIRST].map(job => lease(job)))
  expect(new Set(pids).size).toBe(3)
})

test('two modules of one job have a process each', async () => {
  const { lease } = poolOf()
  const [one, other] = [await lease(FIRST, noop), await lease(FIRST, busy)]
  expect(one).not.toBe(other)
  expect(await lease(FIRST, noop)).toBe(one)
})

test('a job finds a process that is up already, whether it brings the module of the last job or another', async () => {
  const { lease, started, settled } = poolOf()
  await lease(FIRST)
  await settled(3)
  const spares = started().slice(1)
  const taken = [await lease(SECOND), await lease(THIRD, busy)]
  expect(new Set(taken)).toEqual(new Set(spares))
})

test('the process of a job that others have followed is ended', async () => {
  const { lease, ended, settled } = poolOf()
  const first = await lease(FIRST)
  await lease(SECOND)
  expect(ended()).not.toContain(first)
  await lease(THIRD)
  await eventually('the oldest is gone', () => ended().includes(first), PATIENCE_MS)
  await settled(4)
})

test('a module that cannot be loaded is not tried again ahead of time', async () => {
  const { lease, started, ended, settled, events } = poolOf()
  await expect(lease(FIRST, Uint8Array.of(0, 1, 2))).rejects.toThrow()
  await settled(2)
  expect([started().length, ended().length]).toEqual([2, 1])
  expect(events.filter(({ level }) => level === 'warn')).toHaveLength(1)
})

test.skipIf(findKernelTools() === null)(
  'the process of a job that is allowed more or less memory is bounded by that',
  async () => {
    const { lease, settled } = poolOf()
    const before = await lease(FIRST)
    await settled(3)
    const more = await lease(SECOND, busy, ALLOWANCE_BYTES + 100 * MIB)
    const limits = [before, more].map(dataLimits)
    // Soft and hard limit are one, so the process cannot raise it. What an idle one has differs by some MiB.
    expect(limits.every(([soft, hard]) => soft === hard)).toBe(true)
    const [least = 0, most = 0] = limits.map(([soft = 0]) => soft)
    expect(most - least).toBeGreaterThan(50 * MIB)
  },
)

test('a pool that is closed has no processes, and starts none', async () => {
  const { pool, lease, started, ended } = poolOf()
  await lease(FIRST)
  await pool.close()
  pool.loaded(wishOf(FIRST, noop, ALLOWANCE_BYTES))
  await new Promise(resolve => setTimeout(resolve, 60))
  expect(ended()).toEqual(started())
  await expect(lease(SECOND)).rejects.toThrow(cancelled().message)
})
